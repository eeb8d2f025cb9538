# The numbered files sql/NNNN_name.sql become a C header: MIGRATIONS, in order, each with its whole text.  They must be
# given in order, without a gap.
function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/\?/, "\\?", s); return s }
function fail(why) { failed = 1; print FILENAME ": " why > "/dev/stderr"; exit 1 }
BEGIN {
	print "/* Made from sql/ by tools/migrations.awk; edit those. */"
	print "static const struct migration MIGRATIONS[] = {"
}
FNR == 1 {
	if (n++) print "\t},"
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.sql$/, "", name)
	if (name !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+$/) fail("a migration is named like 0001_start.sql")
	if (substr(name, 1, 4) + 0 != n) fail("migration " n " is missing, or comes twice")
	printf "\t{ %d, \"%s\",\n", n, name
}
{ print "\t\"" quoted($0) "\\n\"" }
END {
	if (failed) exit 1
	if (n) print "\t},"
	print "\t{ 0, NULL, NULL }\n};"
}
