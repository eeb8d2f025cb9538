/* assets - the files that the pages need, made by the build (tools/assets.mjs) and embedded in the program. */
#ifndef API_PAGES_ASSETS_H
#define API_PAGES_ASSETS_H
#include "api/http/files.h"
#include "asset_names.h"

/* asset_find - the file of a path, or NULL. */
const struct http_file *asset_find(str path);
#endif
