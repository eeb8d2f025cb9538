/* pieces - a fuzzer's input as several texts: each begins with its length, in one byte. */
#ifndef FUZZ_PIECES_H
#define FUZZ_PIECES_H
#include "base/str.h"

static inline str piece_take(str *input)
{
	size_t n = input->n ? (unsigned char)input->p[0] : 0;
	str piece = str_slice(*input, 1, 1 + n);
	*input = str_slice(*input, 1 + n, input->n);
	return piece;
}
#endif
