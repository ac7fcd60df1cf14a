// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/checked_disk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <format>
#include <memory>
#include <span>
#include <string_view>

#include "base/check.h"
#include "store/gathered_writes.h"

// Only the database itself is looked at; its write-ahead log has checksums of SQLite's own
// (write_ahead.h). What is written to either is gathered (gathered_writes.h).
// https://sqlite.org/vfs.html, and https://sqlite.org/fileformat2.html 1.3 for the header.

namespace cercle::store {
namespace {

constexpr std::size_t summed = page_size - page_reserve;
constexpr std::size_t reserve_in_header = 20;
constexpr std::string_view magic = "SQLite format 3";
constexpr int header_read_at_opening = 100;
/// SQLite never writes the page that holds this byte, at which others lock.
constexpr sqlite3_int64 locked_byte = 0x40000000;

enum class Kind : std::uint8_t { Checked, Older };

/// Ours; behind it lies the file of the disk below.
struct OpenFile {
    sqlite3_file base;
    Kind kind;
    GatheredWrites gathered;
};

// SQLite puts it, and what is below behind it, at multiples of eight bytes.
static_assert(alignof(OpenFile) <= 8 && sizeof(OpenFile) % 8 == 0);

sqlite3_file* below(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<OpenFile*>(file) + 1);
}

const sqlite3_io_methods& methods_below(sqlite3_file* file) {
    return *below(file)->pMethods;
}

Kind& kind_of(sqlite3_file* file) {
    return reinterpret_cast<OpenFile*>(file)->kind;
}

GatheredWrites& gathered_of(sqlite3_file* file) {
    return reinterpret_cast<OpenFile*>(file)->gathered;
}

int flush(sqlite3_file* file) {
    return gathered_of(file).flush(below(file));
}

sqlite3_vfs* disk_below(sqlite3_vfs* vfs) {
    return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

bool is_page(int size, sqlite3_int64 offset) {
    return size == static_cast<int>(page_size) &&
           offset % static_cast<sqlite3_int64>(page_size) == 0;
}

std::uint64_t number_at(sqlite3_int64 offset) {
    return static_cast<std::uint64_t>(offset) / page_size + 1;
}

/// A database of before has no room for checksums; it says so in its header.
void look_at_header(sqlite3_file* file, BytesView start) {
    if (start.size() <= reserve_in_header) return;
    // What is no header says nothing: a file that was being made.
    if (!std::ranges::equal(start.first(magic.size()), view_of(magic))) return;
    kind_of(file) = start[reserve_in_header] == 0 ? Kind::Older : Kind::Checked;
}

/// Whether what stands at a page's end has the form of a checksum, of whatever page: its first half
/// twice. Checks nothing.
bool ends_like_checked(BytesView page) {
    const BytesView end = page.subspan(summed);
    const BytesView half = end.first(4);
    return std::ranges::equal(half, end.last(4)) &&
           std::ranges::any_of(half, [](std::uint8_t byte) { return byte != 0; });
}

/// The header's word is not enough where a whole page has been read: were it taken for granted, one
/// damaged byte would have all other pages handed on unseen.
void look_at_first_page(sqlite3_file* file, BytesView page) {
    look_at_header(file, page);
    if (kind_of(file) == Kind::Older && ends_like_checked(page)) kind_of(file) = Kind::Checked;
}

// Who closes a file cannot hear of a failure; what counts was synced.
int close(sqlite3_file* file) {
    static_cast<void>(flush(file));
    std::destroy_at(&gathered_of(file));
    return methods_below(file).xClose(below(file));
}

/// A whole page, or as much of it as there is.
int read_page(sqlite3_file* file, std::span<std::uint8_t> page, sqlite3_int64 start) {
    const int code =
        methods_below(file).xRead(below(file), page.data(), static_cast<int>(page.size()), start);
    if (code != SQLITE_OK) return code;
    if (start == 0) look_at_first_page(file, page);
    if (kind_of(file) == Kind::Older || start == locked_byte) return SQLITE_OK;
    const auto expected = page_checksum(page, number_at(start));
    return std::ranges::equal(page.subspan(summed), expected) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

// SQLite reads whole pages; but the header's beginning before it knows their size, and what is long
// from the file directly, without the room at a page's end. All that is handed on was looked at,
// but for that beginning: the write-ahead log is read after it, and where the power went while the
// first page was being written, that one has the page that counts. It is read as a whole then, or
// from here.
int read(sqlite3_file* file, void* target, int size, sqlite3_int64 offset) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    constexpr auto whole = static_cast<sqlite3_int64>(page_size);
    const std::span bytes(static_cast<std::uint8_t*>(target), static_cast<std::size_t>(size));
    if (is_page(size, offset)) return read_page(file, bytes, offset);
    if (offset == 0 && size == header_read_at_opening) {
        const int code = methods_below(file).xRead(below(file), target, size, offset);
        if (code == SQLITE_OK) look_at_header(file, bytes);
        return code;
    }
    std::array<std::uint8_t, page_size> page{};
    std::size_t done = 0;
    while (done < bytes.size()) {
        const sqlite3_int64 at = offset + static_cast<sqlite3_int64>(done);
        const auto within = static_cast<std::size_t>(at % whole);
        const int code = read_page(file, page, at - at % whole);
        // There is no whole page, as in a new file.
        if (code == SQLITE_IOERR_SHORT_READ) {
            return methods_below(file).xRead(below(file), target, size, offset);
        }
        if (code != SQLITE_OK) return code;
        const std::size_t part = std::min(page_size - within, bytes.size() - done);
        std::memcpy(bytes.data() + done, page.data() + within, part);
        done += part;
    }
    return SQLITE_OK;
}

int write(sqlite3_file* file, const void* source, int size, sqlite3_int64 offset) {
    const BytesView bytes(static_cast<const std::uint8_t*>(source), static_cast<std::size_t>(size));
    if (offset == 0) look_at_header(file, bytes);
    if (!is_page(size, offset) || kind_of(file) == Kind::Older) {
        return gathered_of(file).write(below(file), bytes, offset);
    }
    std::array<std::uint8_t, page_size> page{};
    std::memcpy(page.data(), bytes.data(), summed);
    std::ranges::copy(page_checksum(page, number_at(offset)), page.begin() + summed);
    return gathered_of(file).write(below(file), page, offset);
}

// The write-ahead log has checksums of its own (write_ahead.h); it is only gathered.
int read_log(sqlite3_file* file, void* target, int size, sqlite3_int64 offset) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    return methods_below(file).xRead(below(file), target, size, offset);
}

int write_log(sqlite3_file* file, const void* source, int size, sqlite3_int64 offset) {
    const BytesView bytes(static_cast<const std::uint8_t*>(source), static_cast<std::size_t>(size));
    return gathered_of(file).write(below(file), bytes, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    return methods_below(file).xTruncate(below(file), size);
}

int sync(sqlite3_file* file, int flags) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    return methods_below(file).xSync(below(file), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    if (const int code = flush(file); code != SQLITE_OK) return code;
    return methods_below(file).xFileSize(below(file), size);
}

int lock(sqlite3_file* file, int level) {
    return methods_below(file).xLock(below(file), level);
}

int unlock(sqlite3_file* file, int level) {
    return methods_below(file).xUnlock(below(file), level);
}

int check_lock(sqlite3_file* file, int* taken) {
    return methods_below(file).xCheckReservedLock(below(file), taken);
}

int control(sqlite3_file* file, int what, void* argument) {
    return methods_below(file).xFileControl(below(file), what, argument);
}

int sector_size(sqlite3_file* file) {
    return methods_below(file).xSectorSize(below(file));
}

int characteristics(sqlite3_file* file) {
    return methods_below(file).xDeviceCharacteristics(below(file));
}

// Version 1: without memory maps, which would go around all of it.
constexpr sqlite3_io_methods methods_with(decltype(sqlite3_io_methods::xRead) reading,
                                          decltype(sqlite3_io_methods::xWrite) writing) {
    return {
        .iVersion = 1,
        .xClose = close,
        .xRead = reading,
        .xWrite = writing,
        .xTruncate = truncate,
        .xSync = sync,
        .xFileSize = file_size,
        .xLock = lock,
        .xUnlock = unlock,
        .xCheckReservedLock = check_lock,
        .xFileControl = control,
        .xSectorSize = sector_size,
        .xDeviceCharacteristics = characteristics,
        .xShmMap = nullptr,
        .xShmLock = nullptr,
        .xShmBarrier = nullptr,
        .xShmUnmap = nullptr,
        .xFetch = nullptr,
        .xUnfetch = nullptr,
    };
}

constexpr sqlite3_io_methods methods = methods_with(read, write);
constexpr sqlite3_io_methods log_methods = methods_with(read_log, write_log);

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* opened_flags) {
    sqlite3_vfs* const disk = disk_below(vfs);
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    if (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0) {
        return disk->xOpen(disk, path, file, flags, opened_flags);
    }
    file->pMethods = nullptr;
    kind_of(file) = Kind::Checked;
    const int code = disk->xOpen(disk, path, below(file), flags, opened_flags);
    // Also where opening failed, what has methods wants to be closed.
    if (below(file)->pMethods == nullptr) return code;
    std::construct_at(&gathered_of(file));
    file->pMethods = is_log ? &log_methods : &methods;
    return code;
}

int remove(sqlite3_vfs* vfs, const char* path, int synced) {
    return disk_below(vfs)->xDelete(disk_below(vfs), path, synced);
}

int access(sqlite3_vfs* vfs, const char* path, int how, int* there) {
    return disk_below(vfs)->xAccess(disk_below(vfs), path, how, there);
}

int full_path(sqlite3_vfs* vfs, const char* path, int size, char* target) {
    return disk_below(vfs)->xFullPathname(disk_below(vfs), path, size, target);
}

int randomness(sqlite3_vfs* vfs, int size, char* target) {
    return disk_below(vfs)->xRandomness(disk_below(vfs), size, target);
}

int pause(sqlite3_vfs* vfs, int microseconds) {
    return disk_below(vfs)->xSleep(disk_below(vfs), microseconds);
}

int julian_day(sqlite3_vfs* vfs, double* day) {
    return disk_below(vfs)->xCurrentTime(disk_below(vfs), day);
}

int last_error(sqlite3_vfs* vfs, int size, char* target) {
    return disk_below(vfs)->xGetLastError(disk_below(vfs), size, target);
}

sqlite3_file* file_of(sqlite3* database) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
    CHECK(file != nullptr && file->pMethods == &methods, "a database on a checked disk");
    return file;
}

}  // namespace

bool lacks_checksums(sqlite3* database) {
    return kind_of(file_of(database)) == Kind::Older;
}

int read_all_pages(sqlite3* database) {
    sqlite3_file* const file = file_of(database);
    sqlite3_int64 size = 0;
    if (const int code = file_size(file, &size); code != SQLITE_OK) return code;
    std::array<std::uint8_t, page_size> page{};
    for (sqlite3_int64 at = 0; at < size; at += static_cast<sqlite3_int64>(page_size)) {
        const int code = read(file, page.data(), static_cast<int>(page_size), at);
        // A database ends with a whole page.
        if (code == SQLITE_IOERR_SHORT_READ) return SQLITE_IOERR_DATA;
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

std::array<std::uint8_t, page_reserve> page_checksum(BytesView page, std::uint64_t number) {
    CHECK(page.size() == page_size, "a page of its size");
    // Every step can be undone, so that states that differ go on differing.
    constexpr std::uint64_t factor = 0x9e3779b97f4a7c15;
    const auto stir = [](std::uint64_t state, std::uint64_t word) {
        state = (state ^ word) * factor;
        return state ^ (state >> 29U);
    };
    static_assert(summed % 8 == 4);
    std::uint64_t sum = stir(factor, number);
    std::size_t at = 0;
    for (; at + 8 <= summed; at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, page.data() + at, 8);
        sum = stir(sum, word);
    }
    std::uint32_t rest = 0;
    std::memcpy(&rest, page.data() + at, 4);
    sum = stir(sum, rest);
    std::array<std::uint8_t, page_reserve> checksum{};
    std::memcpy(checksum.data(), &sum, 8);
    std::memcpy(checksum.data() + 8, &sum, 4);
    return checksum;
}

CheckedDisk::CheckedDisk(const std::string& below)
    : name_(std::format("checked-{:x}", reinterpret_cast<std::uintptr_t>(this))) {
    sqlite3_vfs* const disk = sqlite3_vfs_find(below.empty() ? nullptr : below.c_str());
    CHECK(disk != nullptr, "the disk below is there");
    table_.iVersion = 1;
    table_.szOsFile = static_cast<int>(sizeof(OpenFile)) + disk->szOsFile;
    table_.mxPathname = disk->mxPathname;
    table_.zName = name_.c_str();
    table_.pAppData = disk;
    table_.xOpen = store::open;
    table_.xDelete = store::remove;
    table_.xAccess = access;
    table_.xFullPathname = full_path;
    table_.xRandomness = randomness;
    table_.xSleep = pause;
    table_.xCurrentTime = julian_day;
    table_.xGetLastError = last_error;
    CHECK(sqlite3_vfs_register(&table_, 0) == SQLITE_OK, "SQLite takes another disk");
}

CheckedDisk::~CheckedDisk() {
    sqlite3_vfs_unregister(&table_);
}

}  // namespace cercle::store
