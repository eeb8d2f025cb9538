# Text files become a C header: TEMPLATE_SOURCES, an array of {name, text}, the name without the leading folder; and
# LANGUAGE_CODES, the names of text/CODE.txt, English first.
function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return s }
BEGIN { print "/* Made from the files under templates/ by tools/embed.awk; edit those. */" }
FNR == 1 {
	if (n++) print ";"
	name = FILENAME
	sub(/^[^\/]*\//, "", name)
	code = name
	if (sub(/^text\//, "", code) && sub(/\.txt$/, "", code) && code != "en") codes = codes ", \"" code "\""
	names = names sprintf("\t{ \"%s\", { TEMPLATE_%d, sizeof TEMPLATE_%d - 1 } },\n", name, n, n)
	printf "static const char TEMPLATE_%d[] =\n", n
}
{ print "\t\"" quoted($0) "\\n\"" }
END { printf ";\n\nstatic const struct source TEMPLATE_SOURCES[] = {\n%s};\n\n#define LANGUAGE_CODES \"en\"%s\n", names, codes }
