#include "lzma_library.h"
#include "find_functions.h"

static const uint32_t concatenated = 0x08;
static const int run = 0;
static const int finish = 3;

bool lzma_library_open(struct lzma_library *library, const char *name)
{
    const char *const names[] = { "lzma_stream_decoder", "lzma_alone_decoder", "lzma_code", "lzma_end" };
    void *functions[4];
    if (!find_functions(name, names, functions, 4)) return false;
    *(void **)&library->stream_decoder = functions[0];
    *(void **)&library->alone_decoder = functions[1];
    *(void **)&library->code = functions[2];
    *(void **)&library->end = functions[3];
    return true;
}

int lzma_library_start_xz(
    const struct lzma_library *library, struct lzma_library_stream *stream, uint64_t memory_limit)
{
    return library->stream_decoder(stream, memory_limit, concatenated);
}

int lzma_library_start_alone(
    const struct lzma_library *library, struct lzma_library_stream *stream, uint64_t memory_limit)
{
    return library->alone_decoder(stream, memory_limit);
}

int lzma_library_decode(const struct lzma_library *library, struct lzma_library_stream *stream, bool is_last)
{
    return library->code(stream, is_last ? finish : run);
}

void lzma_library_end(const struct lzma_library *library, struct lzma_library_stream *stream)
{
    library->end(stream);
}
