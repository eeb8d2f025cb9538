#include "assets.h"

#include "assets_data.h"

const struct http_file *asset_find(str path)
{
	return file_find(ASSETS, sizeof ASSETS / sizeof *ASSETS, path);
}
