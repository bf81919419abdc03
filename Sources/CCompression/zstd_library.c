#include "zstd_library.h"
#include "find_functions.h"

bool zstd_library_open(struct zstd_library *library, const char *name)
{
    const char *const names[] = {
        "ZSTD_createDStream", "ZSTD_freeDStream", "ZSTD_decompressStream",
        "ZSTD_isError", "ZSTD_getErrorCode", "ZSTD_getErrorName",
    };
    void *functions[6];
    if (!find_functions(name, names, functions, 6)) return false;
    *(void **)&library->create = functions[0];
    *(void **)&library->release = functions[1];
    *(void **)&library->decode = functions[2];
    *(void **)&library->is_error = functions[3];
    *(void **)&library->error_number = functions[4];
    *(void **)&library->error_name = functions[5];
    return true;
}

void *zstd_library_create(const struct zstd_library *library)
{
    return library->create();
}

void zstd_library_release(const struct zstd_library *library, void *decoder)
{
    library->release(decoder);
}

size_t zstd_library_decode(
    const struct zstd_library *library,
    void *decoder,
    struct zstd_library_output *output,
    struct zstd_library_input *input)
{
    return library->decode(decoder, output, input);
}

int zstd_library_error_number(const struct zstd_library *library, size_t result)
{
    return library->is_error(result) ? library->error_number(result) : 0;
}

const char *zstd_library_error_name(const struct zstd_library *library, size_t result)
{
    return library->error_name(result);
}
