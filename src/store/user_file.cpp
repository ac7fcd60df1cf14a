// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/user_file.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "store/descriptor.h"

namespace cercle::store {
namespace {

namespace fs = std::filesystem;

struct Looks {
    std::int64_t size = 0;
    timespec changed{};
};

bool operator==(const Looks& left, const Looks& right) {
    return left.size == right.size && left.changed.tv_sec == right.changed.tv_sec &&
           left.changed.tv_nsec == right.changed.tv_nsec;
}

Result<Looks> looks_of(const Descriptor& file) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return refusal_of_errno();
    if (!S_ISREG(status.st_mode)) {
        return fail(Code::invalid_argument, "this is a directory, or something else than a file");
    }
    return Looks{status.st_size, status.st_mtim};
}

/// Gives the file its name unless something has it. Not every disk knows RENAME_NOREPLACE, and not
/// every one knows links.
Result<void> rename_if_vacant(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno == EEXIST) return fail(Code::already_exists, "there is a file of that name already");
    if (errno != EINVAL && errno != ENOSYS) return refusal_of_errno();
    if (::link(from.c_str(), to.c_str()) == 0) {
        if (::unlink(from.c_str()) != 0) return refusal_of_errno();
        return {};
    }
    if (errno == EEXIST) return fail(Code::already_exists, "there is a file of that name already");
    TRY_VOID(check_vacant(to));
    if (::rename(from.c_str(), to.c_str()) != 0) return refusal_of_errno();
    return {};
}

/// Of a file, or of what stands under a name.
Result<Bytes> mark_of(int file, const char* name) {
    struct statx status{};
    const int how = AT_SYMLINK_NOFOLLOW | (*name == '\0' ? AT_EMPTY_PATH : 0);
    if (::statx(file, name, how, STATX_INO | STATX_BTIME, &status) != 0) return refusal_of_errno();
    // A disk that keeps no births says zero, always.
    Bytes mark;
    for (const std::uint64_t part : {std::uint64_t{status.stx_ino},
                                     static_cast<std::uint64_t>(status.stx_btime.tv_sec),
                                     std::uint64_t{status.stx_btime.tv_nsec}}) {
        for (unsigned shift = 64; shift > 0; shift -= 8)
            mark.push_back(static_cast<std::uint8_t>(part >> (shift - 8)));
    }
    return mark;
}

}  // namespace

struct SourceFile::State {
    Descriptor file;
    Looks looks;
};

SourceFile::SourceFile(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

SourceFile::SourceFile(SourceFile&&) noexcept = default;
SourceFile& SourceFile::operator=(SourceFile&&) noexcept = default;
SourceFile::~SourceFile() = default;

Result<SourceFile> SourceFile::open(const fs::path& path) {
    // NONBLOCK, so that a pipe without a writer is told from a file instead of waited for.
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.is_open()) return refusal_of_errno();
    TRY(const Looks looks, looks_of(file));
    return SourceFile(std::make_unique<State>(std::move(file), looks));
}

std::uint64_t SourceFile::size() const {
    return static_cast<std::uint64_t>(state_->looks.size);
}

Result<Bytes> SourceFile::read(std::size_t most) {
    Bytes piece(most);
    TRY(const std::size_t got, read_up_to(state_->file.number(), piece));
    piece.resize(got);
    return piece;
}

Result<bool> SourceFile::is_unchanged() const {
    TRY(const Looks now, looks_of(state_->file));
    return now == state_->looks;
}

Result<void> check_vacant(const fs::path& target) {
    if (!target.has_filename()) {
        return fail(Code::invalid_argument, "a directory's name stands where a file's should");
    }
    struct stat status{};
    if (::lstat(target.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            return fail(Code::already_exists, "a directory has that name; give a file's name");
        }
        return fail(Code::already_exists,
                    "there is a file of that name already; choose another name, or move it away");
    }
    if (errno != ENOENT) return refusal_of_errno();
    if (::stat(directory_of(target).c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return fail(Code::not_found, "the directory for the file does not exist");
    }
    return {};
}

struct PartFile::State {
    Descriptor file;
    fs::path target;
    Found found;

    [[nodiscard]] bool stands_in_its_place() const {
        const auto own = mark_of(file.number(), "");
        const auto there = mark_of(AT_FDCWD, place_of(target).c_str());
        return own && there && *own == *there;
    }
};

PartFile::PartFile(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

PartFile::PartFile(PartFile&&) noexcept = default;
PartFile& PartFile::operator=(PartFile&&) noexcept = default;
PartFile::~PartFile() = default;

fs::path PartFile::place_of(const fs::path& target) {
    fs::path place = target;
    place += ".part";
    return place;
}

Result<PartFile> PartFile::open(const fs::path& target) {
    const fs::path place = place_of(target);
    Found found = Found::Nothing;
    constexpr int how = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    Descriptor file(::open(place.c_str(), how | O_CREAT | O_EXCL, 0600));
    if (!file.is_open() && errno == EEXIST) {
        found = Found::Part;
        file = Descriptor(::open(place.c_str(), how));
    }
    if (!file.is_open()) return refusal_of_errno();
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return refusal_of_errno();
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077U) != 0) {
        return fail(Code::permissions,
                    "what stands there under the name with .part is not a private file of yours");
    }
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(Code::busy, "the same file is being received there already");
        }
        return refusal_of_errno();
    }
    TRY_VOID(sync_directory(directory_of(place)));
    return PartFile(std::make_unique<State>(std::move(file), target, found));
}

PartFile::Found PartFile::found() const {
    return state_->found;
}

Result<Bytes> PartFile::mark() const {
    return mark_of(state_->file.number(), "");
}

Result<std::uint64_t> PartFile::size() const {
    TRY(const Looks looks, looks_of(state_->file));
    return static_cast<std::uint64_t>(looks.size);
}

Result<Bytes> PartFile::read(std::uint64_t offset, std::size_t most) const {
    if (::lseek(state_->file.number(), static_cast<off_t>(offset), SEEK_SET) < 0) {
        return refusal_of_errno();
    }
    Bytes piece(most);
    TRY(const std::size_t got, read_up_to(state_->file.number(), piece));
    piece.resize(got);
    return piece;
}

Result<void> PartFile::cut(std::uint64_t size) {
    if (::ftruncate(state_->file.number(), static_cast<off_t>(size)) != 0) {
        return refusal_of_errno();
    }
    return {};
}

Result<void> PartFile::append(BytesView bytes) {
    if (::lseek(state_->file.number(), 0, SEEK_END) < 0) return refusal_of_errno();
    return write_all(state_->file.number(), bytes);
}

Result<void> PartFile::sync() {
    if (::fsync(state_->file.number()) != 0) return refusal_of_errno();
    return {};
}

Result<void> PartFile::publish() && {
    TRY_VOID(sync());
    if (!state_->stands_in_its_place()) {
        return fail(Code::already_exists,
                    "what stands there under the name with .part is not what was received");
    }
    TRY_VOID(rename_if_vacant(place_of(state_->target), state_->target));
    return sync_directory(directory_of(state_->target));
}

void PartFile::discard() && {
    if (state_->stands_in_its_place()) {
        static_cast<void>(::unlink(place_of(state_->target).c_str()));
    }
    state_.reset();
}

}  // namespace cercle::store
