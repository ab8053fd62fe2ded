// By stat where it is; Windows has size and time alone (not tried).
#include "file_stamp.hpp"

#ifndef _WIN32
#include <sys/stat.h>
#endif

namespace candela::plugin {

FileStamp stamp_of(const std::filesystem::path& path) {
#ifdef _WIN32
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) return {};
    const auto time = std::filesystem::last_write_time(path, error);
    if (error) return {};
    return {1, 0, static_cast<std::int64_t>(size), time.time_since_epoch().count(), 0, 0, 0};
#else
    struct stat info;
    if (::stat(path.c_str(), &info) != 0) return {};
#ifdef __APPLE__
    const auto &content = info.st_mtimespec, &entry = info.st_ctimespec;
#else
    const auto &content = info.st_mtim, &entry = info.st_ctim;
#endif
    return {static_cast<std::int64_t>(info.st_dev) + 1, static_cast<std::int64_t>(info.st_ino), static_cast<std::int64_t>(info.st_size),
            content.tv_sec, content.tv_nsec, entry.tv_sec, entry.tv_nsec};
#endif
}

}  // namespace candela::plugin
