# Noonmark: `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

CC     := gcc
O      := build/gcc
EXTRA  :=
OPT    := -O2
PREFIX := /usr/local
DATA   := ./data

# Debian packages; `make setup` installs them all, other targets only what they need
PACKAGES_BUILD := gcc make pkg-config libsqlite3-dev libpq-dev libsodium-dev libjansson-dev node-llhttp libcurl4-openssl-dev libssl-dev libinih-dev libutf8proc-dev john-data \
	tzdata ca-certificates nodejs npm
# rules of 2026 changed until tzdata 2026f: with an older one the same cases have other answers, rightly
PACKAGES_TEST  := 'tzdata>=2026f' clang libclang-rt-14-dev clang-format binutils git curl sqlite3 strace libcmocka-dev libical-dev python3 \
	python3-icalendar python3-dateutil python3-hypothesis python3-jsonschema opensmtpd nginx-light chromium fonts-dejavu-core \
	postgresql pgbouncer python3-psycopg2 python3-cryptography wrk
PACKAGES_HA    := patroni etcd-server iproute2
PACKAGES_BENCH := python3 curl sqlite3 nginx-light wrk brotli postgresql python3-psycopg2

# what both compilers know; the rest of the checks of one compiler's flags is tests/hardening.py
knows = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2> /dev/null && echo $(1))
WARN    := -Wall -Wextra -Wconversion -Wshadow -Werror
HARDEN  := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	$(call knows,-ftrivial-auto-var-init=zero)
FORTIFY := -D_FORTIFY_SOURCE=3
CFLAGS   = -std=c2x $(OPT) -g -pthread -D_GNU_SOURCE $(WARN) $(HARDEN) $(FORTIFY) $(EXTRA) -MMD -MP -Isrc -Ibuild/gen -isystem /usr/share/include -isystem /usr/include/postgresql
LDFLAGS  = -pie -pthread -Wl,-z,relro,-z,now,-z,noexecstack $(EXTRA)
LIBS    := -lsqlite3 -lpq -lsodium -ljansson -lcurl -lcrypto -linih -lutf8proc -lm

SOURCES := $(filter-out src/main.c,$(shell find src -name '*.c' | sort))
SQL     := $(shell find src -name '*.sql' | sort)
LLHTTP  := $(addprefix $(O)/llhttp/,llhttp.o api.o http.o)
OBJECTS := $(SOURCES:%.c=$(O)/%.o) $(LLHTTP)
LIBRARY := $(O)/libnoonmark.a
UNIT    := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_*.c))
TEMPLATES := $(shell find templates -name '*.html' -o -name '*.txt' | sort)
PRELOAD := $(wildcard tests/fault/preload_*.c)
FAULT   := $(patsubst %.c,$(O)/%,$(filter-out $(PRELOAD),$(wildcard tests/fault/*.c))) $(PRELOAD:%.c=$(O)/%.so) \
	$(O)/tests/fault/noonmark_next
HELPERS := $(patsubst %.c,$(O)/%,$(wildcard tests/http/*.c tests/mail/*.c))
BENCH   := $(patsubst %.c,$(O)/%,$(wildcard bench/*.c))
FUZZ    := $(patsubst %.c,$(O)/%,$(wildcard fuzz/fuzz_*.c))
GEN     := $(SQL:src/%.sql=build/gen/%_sql.h) build/gen/migrations.h build/gen/passwords.h build/gen/tables.h build/gen/templates.h build/gen/assets_data.h
PUBLIC  := $(shell find web/public web/worker -type f | sort)
APP     := $(shell find web/app -type f | sort)
C_FILES := $(shell find src tests fuzz bench -name '*.c' -o -name '*.h' | sort)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

## help: this list
.PHONY: help
help:
	@awk -F': ' '/^## [a-z-]+: / { printf "  make %-16s %s\n", substr($$1, 4), substr($$0, length($$1) + 3) }' $(firstword $(MAKEFILE_LIST))

## setup: install the Debian and npm packages that building, tests and benchmarks need
.PHONY: setup
setup:
	@tools/setup install $(sort $(PACKAGES_BUILD) $(PACKAGES_TEST) $(PACKAGES_BENCH))

.PHONY: need-build need-test need-bench
need-build:
	@tools/setup install $(PACKAGES_BUILD)
need-test:
	@tools/setup install $(sort $(PACKAGES_BUILD) $(PACKAGES_TEST))
need-bench:
	@tools/setup install $(sort $(PACKAGES_BUILD) $(PACKAGES_BENCH))

## all: build the server and command line tool, build/gcc/noonmark
.PHONY: all
all: $(O)/noonmark

## run: build and start the server on the embedded database in ./data
.PHONY: run
run: need-build
	@$(MAKE) --no-print-directory -s all
	@NOONMARK_DATA="$${NOONMARK_DATA:-$(DATA)}" exec $(O)/noonmark serve

$(O)/noonmark: $(O)/src/main.o $(LIBRARY)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(O)/src/%.o: src/%.c $(O)/flags | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

# llhttp is compiled from Debian's own sources (package node-llhttp)
$(O)/llhttp/%.o: /usr/share/llhttp/%.c $(O)/flags
	@mkdir -p $(@D)
	$(CC) $(OPT) -g $(HARDEN) $(EXTRA) -w -DLLHTTP_STRICT_MODE=1 -isystem /usr/share/include/llhttp -c -o $@ $<

# other flags, other objects
.PHONY: always
$(O)/flags: always
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS)' > $@

# generated files appear whole: several builds may share build/gen
build/gen/%_sql.h: src/%.sql tools/sql.awk
	@mkdir -p $(@D)
	@awk -f tools/sql.awk $< > $@.$$$$ && mv $@.$$$$ $@

build/gen/migrations.h: $(sort $(wildcard sql/*.sql)) tools/migrations.awk
	@mkdir -p $(@D)
	@awk -f tools/migrations.awk $(filter %.sql,$^) < /dev/null > $@.$$$$ && mv $@.$$$$ $@

build/gen/tables.h: $(sort $(wildcard sql/*.sql)) tools/tables.awk
	@mkdir -p $(@D)
	@awk -f tools/tables.awk $(filter %.sql,$^) < /dev/null > $@.$$$$ && mv $@.$$$$ $@

build/gen/passwords.h: /usr/share/john/password.lst tools/passwords.awk
	@mkdir -p $(@D)
	@awk -f tools/passwords.awk $< > $@.$$$$ && mv $@.$$$$ $@

build/gen/templates.h: $(TEMPLATES) tools/embed.awk
	@mkdir -p $(@D)
	@awk -f tools/embed.awk $(TEMPLATES) > $@.$$$$ && mv $@.$$$$ $@

# the pages' style and script: bundled, hashed, compressed, and embedded in the program
web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

build/web/public/robots.txt: $(PUBLIC) | web/node_modules/.package-lock.json
	node web/public/build.mjs build/web/public

# the dashboard is bundled beside its place and moved there whole
build/web/app.made: $(APP) templates/text | web/node_modules/.package-lock.json
	@mkdir -p $(@D)
	cd web && node node_modules/vite/bin/vite.js build -c app/vite.config.mjs -l warn --outDir $(abspath $@).$$$$ && \
		rm -rf ../build/web/app && mv $(abspath $@).$$$$ ../build/web/app && touch $(abspath $@)

build/gen/assets_data.h: build/web/public/robots.txt build/web/app.made tools/assets.mjs
	@mkdir -p $(@D)
	node tools/assets.mjs build/gen build/web/public build/web/app

build/gen/asset_names.h: build/gen/assets_data.h ;

build/gen/all_sql.h: $(SQL) tools/sql.awk
	@mkdir -p $(@D)
	@awk -v ALL=1 -f tools/sql.awk $(filter %.sql,$^) < /dev/null > $@.$$$$ && mv $@.$$$$ $@

$(O)/tests/unit/test_statements $(O)/tests/unit/test_statements_postgresql: build/gen/all_sql.h

$(O)/tests/unit/test_ical: LIBS += -lical
$(O)/tests/unit/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS) -lcmocka

.PHONY: unit
unit: $(UNIT)

## shots: pictures of the pages and the dashboard into docs/img
.PHONY: shots
shots: $(O)/noonmark
	NOONMARK_BINARY=$(abspath $<) node tests/web/shots.mjs docs/img
	NOONMARK_BINARY=$(abspath $<) node tests/web/app_shots.mjs docs/img

# programs that the fault tests run, and libraries for LD_PRELOAD that model what the world does to a process
.PHONY: fault-programs
fault-programs: $(FAULT)

$(O)/tests/fault/%: tests/fault/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

$(O)/tests/fault/%.so: tests/fault/%.c $(O)/flags
	@mkdir -p $(@D)
	$(CC) $(filter-out -fPIE,$(CFLAGS)) -fPIC -shared -o $@ $<

# the program with one migration more, as the next release may have
NEXT := $(O)/tests/fault/next
$(NEXT)/migrations.h: $(sort $(wildcard sql/*.sql)) tests/fault/next.sql tools/migrations.awk
	@mkdir -p $(@D)
	@cp tests/fault/next.sql $(@D)/$$(printf %04d $$(($(words $(wildcard sql/*.sql)) + 1)))_next.sql
	@awk -f tools/migrations.awk $(sort $(wildcard sql/*.sql)) $(@D)/*_next.sql < /dev/null > $@

$(O)/tests/fault/noonmark_next: src/store/migrate.c $(NEXT)/migrations.h $(O)/src/main.o $(LIBRARY)
	$(CC) -I$(NEXT) $(CFLAGS) -c -o $(NEXT)/migrate.o $<
	$(CC) $(LDFLAGS) -o $@ $(O)/src/main.o $(NEXT)/migrate.o $(LIBRARY) $(LIBS)

$(O)/tests/http/%: tests/http/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

$(O)/tests/mail/%: tests/mail/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

$(O)/bench/%: bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

$(O)/fuzz/%: fuzz/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(LIBRARY) $(LIBS)

.PHONY: programs
programs: all unit fault-programs $(HELPERS)

## test: every test of tests/suites.txt; TESTS="name..." runs only those
.PHONY: test
test: need-test
	@$(MAKE) --no-print-directory -s programs
	@/usr/bin/python3 tests/run.py --build $(O) $(TESTS)

## test-postgresql: the suites that depend on the database, on PostgreSQL; TESTS="name..." runs only those
.PHONY: test-postgresql
test-postgresql: need-test
	@$(MAKE) --no-print-directory -s programs
	@/usr/bin/python3 tests/run.py --build $(O) --postgresql $(TESTS)

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SANITIZED := O=build/san CC=clang OPT=-O1 FORTIFY= EXTRA="$(SANITIZE)"

## san: the same tests under AddressSanitizer and UndefinedBehaviorSanitizer
.PHONY: san
san: need-test
	@$(MAKE) --no-print-directory -s $(SANITIZED) programs
	@/usr/bin/python3 tests/run.py --build build/san --sanitized $(TESTS)

## fuzz: every fuzz target for FUZZ_SECONDS (30) each
.PHONY: fuzz fuzz-programs
FUZZ_SECONDS := 30
fuzz: need-test
	@$(MAKE) --no-print-directory -s O=build/fuzz CC=clang OPT=-O1 FORTIFY= EXTRA="$(SANITIZE) -fsanitize=fuzzer-no-link" fuzz-programs
	@/usr/bin/python3 fuzz/run.py --build build/fuzz --seconds $(FUZZ_SECONDS) $(TESTS)
fuzz-programs: $(FUZZ)

## bench: speed and size, with the targets they are held against
.PHONY: bench bench-programs
bench: need-bench
	@$(MAKE) --no-print-directory -s bench-programs
	@for b in $(BENCH); do $$b || exit 1; done
	@for b in bench/bench_*.py; do NOONMARK_BINARY=$(O)/noonmark /usr/bin/python3 $$b || exit 1; done
bench-programs: all $(BENCH)

## fault: races, kills, power cuts and their like in larger sizes; SIZE=nightly for hours of it, ENGINE=postgresql
.PHONY: fault
SIZE   := push
ENGINE := sqlite
fault: need-test
	@$(MAKE) --no-print-directory -s programs
	@/usr/bin/python3 tests/run.py --build $(O) --size $(SIZE) $(if $(filter postgresql,$(ENGINE)),--postgresql) $(TESTS)

## ha: two servers on three PostgreSQL nodes under Patroni, whose leader dies under load; needs root
.PHONY: ha
ha: need-test
	@tools/setup install $(PACKAGES_HA)
	@$(MAKE) --no-print-directory -s all
	@/usr/bin/python3 tests/run.py --build $(O) fault_ha

## lint: formatting, layers, sizes, banned calls, links, and a build by clang
.PHONY: lint
lint: need-test
	@$(MAKE) --no-print-directory -s O=build/clang CC=clang programs
	@/usr/bin/python3 tools/lint.py

## client: make the dashboard's types anew from the API's document
.PHONY: client
client: all
	$(O)/noonmark openapi > build/openapi.json
	cd web && npm run --silent client

## fmt: format all C files
.PHONY: fmt
fmt:
	clang-format -i $(C_FILES)

## install: the program, its systemd unit and licence below $(DESTDIR)$(PREFIX)
.PHONY: install
install: all
	install -D -m 755 -s $(O)/noonmark $(DESTDIR)$(PREFIX)/bin/noonmark
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/doc/noonmark
	sed 's|@PREFIX@|$(PREFIX)|' samples/noonmark.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/noonmark.service
	install -m 644 LICENSE README.md CHANGELOG.md $(DESTDIR)$(PREFIX)/share/doc/noonmark

## clean: remove what was built
.PHONY: clean
clean:
	rm -rf build
