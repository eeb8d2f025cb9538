# The tables that sql/NNNN_name.sql make become a C header: TABLES, in the order of their making, each with its columns,
# its primary key, and the statements by which copy.c reads and writes whole rows of it.  They know CREATE TABLE with a
# column a line, and ALTER TABLE … ADD COLUMN; tests/store_copy.py holds the result against the database.
function fail(why) { failed = 1; print FILENAME ":" FNR ": " why > "/dev/stderr"; exit 1 }
function join(list, n, before, after, between,   i, text) {
	for (i = 1; i <= n; i++) text = text (i > 1 ? between : "") before list[i] after
	return text
}
function column(t, name, type) {
	if (type !~ /^(BLOB|TEXT|BIGINT)$/) fail("the column " name " is neither BLOB, TEXT nor BIGINT")
	columns[t, ++columns_n[t]] = name
	types[t, name] = type == "BIGINT" ? "VALUE_INT" : "VALUE_" type
}
function key(t, name) {
	if (!((t, name) in types)) fail("the key " name " is not a column")
	keys[t, ++keys_n[t]] = name
}
/^CREATE TABLE / {
	table = $3
	names[++n] = table
	next
}
/^ALTER TABLE [a-z_]+ ADD COLUMN / { column($3, $6, $7); next }
/^ALTER TABLE .* (DROP|RENAME) / { fail("a column that goes or has another name: teach tools/tables.awk") }
/^\);/ { table = ""; next }
table == "" { next }
/^\tPRIMARY KEY \(/ {
	text = $0
	sub(/^.*\(/, "", text)
	sub(/\).*$/, "", text)
	m = split(text, parts, /, */)
	for (i = 1; i <= m; i++) key(table, parts[i])
	next
}
/^\t(UNIQUE|CHECK|FOREIGN) / { next }
/^\t[a-z_]+ +[A-Z]+/ {
	type = $2
	sub(/,$/, "", type)
	column(table, $1, type)
	if ($0 ~ /^[^-]* PRIMARY KEY/) key(table, $1)
	next
}
END {
	if (failed) exit 1
	print "/* Made from sql/ by tools/tables.awk; edit those. */"
	for (i = 1; i <= n; i++) {
		t = names[i]
		if (!keys_n[t]) fail("the table " t " has no primary key")
		printf "static const struct column COLUMNS_%d[] = {", i
		for (c = 1; c <= columns_n[t]; c++) {
			printf " { \"%s\", %s },", columns[t, c], types[t, columns[t, c]]
			all[c] = columns[t, c]
		}
		print " };"
		printf "static const int KEYS_%d[] = {", i
		for (k = 1; k <= keys_n[t]; k++) {
			for (c = 1; columns[t, c] != keys[t, k]; c++) ;
			printf " %d,", c - 1
			own[k] = keys[t, k]
			same[k] = "\\\"" keys[t, k] "\\\" = :" keys[t, k]
		}
		print " };"
		list[i] = join(all, columns_n[t], "\\\"", "\\\"", ", ")
		order[i] = join(own, keys_n[t], "\\\"", "\\\"", ", ")
		after[i] = join(own, keys_n[t], ":", "", ", ")
		values[i] = join(all, columns_n[t], ":", "", ", ")
		one[i] = join(same, keys_n[t], "", "", " AND ")
	}
	print "static const struct table TABLES[] = {"
	for (i = 1; i <= n; i++) {
		t = "\\\"" names[i] "\\\""
		printf "\t{ \"%s\", COLUMNS_%d, %d, KEYS_%d, %d,\n", names[i], i, columns_n[names[i]], i, keys_n[names[i]]
		printf "\t  .page = \"SELECT %s FROM %s WHERE (%s) > (%s) ORDER BY %s LIMIT 1000\",\n", list[i], t, order[i], after[i], order[i]
		printf "\t  .find = \"SELECT %s FROM %s WHERE %s\",\n", list[i], t, one[i]
		printf "\t  .insert = \"INSERT INTO %s (%s) VALUES (%s)\",\n", t, list[i], values[i]
		printf "\t  .count = \"SELECT COUNT(*) FROM %s\",\n", t
		printf "\t  .any = \"SELECT 1 FROM %s LIMIT 1\" },\n", t
	}
	print "\t{ .name = NULL },\n};"
}
