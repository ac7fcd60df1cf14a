// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/picture_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "apps/cli/qr_picture.h"

namespace cercle::cli {
namespace {

client::Outcome not_writable() {
    return {client::Exit::Disk, "disk-fault", "the picture could not be written; no file is left"};
}

}  // namespace

bool is_picture_name(const std::string& path) {
    return path.size() > 4 && (path.ends_with(".png") || path.ends_with(".svg"));
}

std::expected<PictureFile, client::Outcome> PictureFile::make(std::string path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor >= 0) return PictureFile(std::move(path), descriptor);
    if (errno == EEXIST) {
        return std::unexpected(client::Outcome{
            client::Exit::Refused,
            "already-exists",
            "there is something of that name already; the picture wants one that nothing has yet"});
    }
    return std::unexpected(client::Outcome{
        client::Exit::Refused, "unreadable", "no file of that name can be made there"});
}

PictureFile::PictureFile(std::string path, int descriptor)
    : path_(std::move(path)),
      descriptor_(descriptor) {}

PictureFile::PictureFile(PictureFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      written_(other.written_) {}

PictureFile::~PictureFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!written_) ::unlink(path_.c_str());
}

client::Outcome PictureFile::write(const std::string& text) {
    const auto code = qr_modules(text);
    if (!code) {
        return {client::Exit::Refused, "too-large", "the invitation is too long for a QR code"};
    }
    const Bytes picture = path_.ends_with(".svg") ? to_bytes(svg_of(*code)) : png_of(*code);
    BytesView left = picture;
    while (!left.empty()) {
        const auto count = ::write(descriptor_, left.data(), left.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return not_writable();
        left = left.subspan(static_cast<std::size_t>(count));
    }
    if (::fsync(descriptor_) != 0) return not_writable();
    written_ = true;
    return {};
}

}  // namespace cercle::cli
