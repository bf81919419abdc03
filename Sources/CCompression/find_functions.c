#include "find_functions.h"

#include <dlfcn.h>

bool find_functions(const char *library, const char *const names[], void *functions[], size_t count)
{
    // RTLD_NODELETE: the functions are called long after this handle is closed.
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL) return false;
    bool complete = true;
    for (size_t index = 0; index < count; index++) {
        functions[index] = dlsym(handle, names[index]);
        complete = complete && functions[index] != NULL;
    }
    dlclose(handle);
    return complete;
}
