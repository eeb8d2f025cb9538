# A list of common passwords, one a line, becomes a C header: those that are long enough to be chosen here at all, in
# lower case, sorted, each once.  Lines that begin with #! are the list's own.
function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/\?/, "\\?", s); return s }
BEGIN { sort = "LC_ALL=C sort -u" }
/^#!/ || length($0) < 8 { next }
{ print "\t\"" quoted(tolower($0)) "\"," | sort; n++ }
END {
	if (n < 100) { print FILENAME ": not a list of passwords" > "/dev/stderr"; exit 1 }
	close(sort)
}
