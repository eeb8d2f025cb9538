# Noonmark: `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

CC     := gcc
O      := build/gcc
EXTRA  :=
OPT    := -O2

WARN    := -Wall -Wextra -Wconversion -Wshadow -Werror
HARDEN  := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
FORTIFY := -D_FORTIFY_SOURCE=2
CFLAGS   = -std=c2x $(OPT) -g -pthread -D_GNU_SOURCE $(WARN) $(HARDEN) $(FORTIFY) $(EXTRA) -MMD -MP -Isrc -Ibuild/gen -isystem /usr/share/include
LDFLAGS  = -pie -pthread -Wl,-z,relro,-z,now $(EXTRA)
LIBS    := -lsqlite3 -lsodium -ljansson -lcurl -linih -lm

SOURCES := $(filter-out src/main.c,$(shell find src -name '*.c' | sort))
SQL     := $(shell find src -name '*.sql' | sort)
LLHTTP  := $(addprefix $(O)/llhttp/,llhttp.o api.o http.o)
OBJECTS := $(SOURCES:%.c=$(O)/%.o) $(LLHTTP)
LIBRARY := $(O)/libnoonmark.a
UNIT    := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_*.c))
TEMPLATES := $(shell find templates -name '*.html' -o -name '*.txt' | sort)
FAULT   := $(O)/tests/fault/store_rows $(O)/tests/fault/powercut.so
BENCH   := $(patsubst %.c,$(O)/%,$(wildcard bench/*.c))
GEN     := $(SQL:src/%.sql=build/gen/%_sql.h) build/gen/migrations.h build/gen/templates.h

-include $(shell find $(O) -name '*.d' 2>/dev/null)

## all: build the server and command line tool, $(O)/noonmark
.PHONY: all
all: $(O)/noonmark

$(O)/noonmark: $(O)/src/main.o $(LIBRARY)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(O)/src/%.o: src/%.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

# llhttp is compiled from Debian's own sources (package node-llhttp)
$(O)/llhttp/%.o: /usr/share/llhttp/%.c
	@mkdir -p $(@D)
	$(CC) $(OPT) -g $(HARDEN) $(EXTRA) -w -DLLHTTP_STRICT_MODE=1 -isystem /usr/share/include/llhttp -c -o $@ $<

# generated files appear whole: several builds may share build/gen
build/gen/%_sql.h: src/%.sql tools/sql.awk
	@mkdir -p $(@D)
	awk -f tools/sql.awk $< > $@.$$$$ && mv $@.$$$$ $@

build/gen/migrations.h: $(sort $(wildcard sql/*.sql)) tools/migrations.awk
	@mkdir -p $(@D)
	awk -f tools/migrations.awk $(filter %.sql,$^) < /dev/null > $@.$$$$ && mv $@.$$$$ $@

build/gen/templates.h: $(TEMPLATES) tools/embed.awk
	@mkdir -p $(@D)
	awk -f tools/embed.awk $(TEMPLATES) > $@.$$$$ && mv $@.$$$$ $@

build/gen/all_sql.h: $(SQL) tools/sql.awk
	@mkdir -p $(@D)
	awk -v ALL=1 -f tools/sql.awk $(filter %.sql,$^) < /dev/null > $@.$$$$ && mv $@.$$$$ $@

$(O)/tests/unit/test_statements: build/gen/all_sql.h

$(O)/tests/unit/test_ical: LIBS += -lical
$(O)/tests/unit/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS) -lcmocka

.PHONY: unit
unit: $(UNIT)

# programs that the fault tests run, and the library that models a power cut
.PHONY: fault
fault: $(FAULT)

$(O)/tests/fault/%: tests/fault/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

$(O)/tests/fault/%.so: tests/fault/%.c
	@mkdir -p $(@D)
	$(CC) $(filter-out -fPIE,$(CFLAGS)) -fPIC -shared -o $@ $<

$(O)/tests/http/%: tests/http/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

$(O)/bench/%: bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)
