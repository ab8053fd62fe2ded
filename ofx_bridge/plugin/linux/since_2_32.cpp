// What the compiler's own libraries ask of a new glibc and an old one has not: cmake/old_glibc.cmake puts these in its place.
#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

#include <cstdint>

namespace {

struct Wanted {
    std::uintptr_t pc;
    dl_find_object* out;
};

// The object that a function of ours or of the host's lies in, and where its unwind table is.
int look_at(dl_phdr_info* info, std::size_t, void* argument) {
    const Wanted& wanted = *static_cast<Wanted*>(argument);
    std::uintptr_t from = UINTPTR_MAX, to = 0, table = 0;
    bool inside = false;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const auto& part = info->dlpi_phdr[i];
        const std::uintptr_t begin = info->dlpi_addr + part.p_vaddr, end = begin + part.p_memsz;
        if (part.p_type == PT_GNU_EH_FRAME) table = begin;
        if (part.p_type != PT_LOAD) continue;
        inside = inside || (wanted.pc >= begin && wanted.pc < end);
        from = begin < from ? begin : from;
        to = end > to ? end : to;
    }
    if (!inside || !table) return 0;
    *wanted.out = {};
    wanted.out->dlfo_map_start = reinterpret_cast<void*>(from);
    wanted.out->dlfo_map_end = reinterpret_cast<void*>(to);
    wanted.out->dlfo_eh_frame = reinterpret_cast<void*>(table);
    return 1;
}

}  // namespace

extern "C" {

int __xstat(int, const char*, struct stat*);
int __lxstat(int, const char*, struct stat*);
int __fxstat(int, int, struct stat*);

// glibc 2.35, of libgcc's unwinder: asked for every frame that an exception passes.
[[gnu::visibility("hidden")]] int __wrap__dl_find_object(void* pc, dl_find_object* out) {
    Wanted wanted{reinterpret_cast<std::uintptr_t>(pc), out};
    return dl_iterate_phdr(&look_at, &wanted) ? 0 : -1;
}

// glibc 2.32, of libstdc++'s reference counts: there are always other threads.
[[gnu::visibility("hidden")]] extern const char __wrap___libc_single_threaded;
const char __wrap___libc_single_threaded = 0;

// glibc 2.33; 1 is the layout of `struct stat` on x86-64.
[[gnu::visibility("hidden")]] int __wrap_stat(const char* path, struct stat* out) { return __xstat(1, path, out); }
[[gnu::visibility("hidden")]] int __wrap_lstat(const char* path, struct stat* out) { return __lxstat(1, path, out); }
[[gnu::visibility("hidden")]] int __wrap_fstat(int file, struct stat* out) { return __fxstat(1, file, out); }
[[gnu::visibility("hidden")]] int __wrap_fstat64(int file, struct stat* out) { return __fxstat(1, file, out); }
}
