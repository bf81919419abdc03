#include "bzip2_library.h"
#include "find_functions.h"

bool bzip2_library_open(struct bzip2_library *library, const char *name)
{
    const char *const names[] = { "BZ2_bzDecompressInit", "BZ2_bzDecompress", "BZ2_bzDecompressEnd" };
    void *functions[3];
    if (!find_functions(name, names, functions, 3)) return false;
    *(void **)&library->start = functions[0];
    *(void **)&library->decode = functions[1];
    *(void **)&library->end = functions[2];
    return true;
}

int bzip2_library_start(const struct bzip2_library *library, struct bzip2_stream *stream)
{
    return library->start(stream, 0, 0);
}

int bzip2_library_decode(const struct bzip2_library *library, struct bzip2_stream *stream)
{
    return library->decode(stream);
}

void bzip2_library_end(const struct bzip2_library *library, struct bzip2_stream *stream)
{
    library->end(stream);
}
