// Reading by position: bounds first, then the block that is at hand, then the disk.
#include "source.hpp"

#include <algorithm>

namespace candela::carriers {
namespace {

constexpr Place block_size = 1 << 12;

}  // namespace

std::uint64_t big(View bytes) {
    std::uint64_t out = 0;
    for (const std::uint8_t byte : bytes) out = out << 8 | byte;
    return out;
}

std::uint64_t little(View bytes) {
    std::uint64_t out = 0;
    for (std::size_t i = bytes.size(); i--;) out = out << 8 | bytes[i];
    return out;
}

std::string shown(const std::filesystem::path& path) {
    const auto text = path.u8string();
    return {reinterpret_cast<const char*>(text.data()), text.size()};
}

Source::Source(const std::filesystem::path& path) : name_(shown(path)) {
    using Kind = Trouble::Kind;
    namespace fs = std::filesystem;
    if (path.native().find(fs::path::value_type{}) != fs::path::string_type::npos) {
        // The system would open what stands before it: another file.
        throw Trouble(Kind::media, "a path with a NUL in it is not a file name");
    }
    std::error_code error;
    const auto status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) fail(Kind::media, "there is no such file");
    if (error) fail(Kind::media, "cannot be read: " + error.message());
    if (status.type() != fs::file_type::regular) fail(Kind::media, "is not a regular file; pictures are read from files only");
    file_.rdbuf()->pubsetbuf(nullptr, 0);
    file_.open(path, std::ios::binary);
    if (!file_) fail(Kind::media, "cannot be opened; is it permitted to read it?");
    file_.seekg(0, std::ios::end);
    const auto end = file_.tellg();
    if (end < 0) fail(Kind::machine, "cannot be read");
    size_ = static_cast<Place>(end);
}

Bytes Source::read(Place start, Place count) {
    const Place end = plus(start, count);
    if (end > size_) {
        broken("needs bytes " + std::to_string(start) + " to " + std::to_string(end) + ", but there are " +
               std::to_string(size_) + ": truncated or damaged");
    }
    Bytes out;
    if (count > block_size) {
        fill(start, count, out);
        return out;
    }
    if (start < block_at_ || end > block_at_ + block_.size()) {
        fill(start, std::min(block_size, size_ - start), block_);
        block_at_ = start;
    }
    const auto from = block_.begin() + static_cast<std::ptrdiff_t>(start - block_at_);
    out.assign(from, from + static_cast<std::ptrdiff_t>(count));
    return out;
}

void Source::fill(Place start, Place count, Bytes& out) {
    out.resize(static_cast<std::size_t>(count));
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(start));
    file_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(count));
    if (static_cast<Place>(file_.gcount()) == count) return;
    out.clear();
    if (file_.bad()) fail(Trouble::Kind::machine, "cannot be read");
    fail(Trouble::Kind::media, "became shorter while it was being read; try again");
}

void Source::fail(Trouble::Kind kind, const std::string& what) const { throw Trouble(kind, name_ + ": " + what); }

}  // namespace candela::carriers
