// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/simulated_vfs.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <format>
#include <memory>
#include <new>

#include "base/check.h"

// SQLite's names and its words for errors; https://sqlite.org/c3ref/io_methods.html says what each
// call has to do. There is one connection to a file, ever (database.h), so locks are only noted.

namespace cercle::store {
namespace {

using File = SimulatedDisk::File;

/// What SQLite calls an open file: its own part first.
struct OpenFile {
    sqlite3_file base;
    SimulatedDisk* disk;
    std::uint64_t boot;
    std::shared_ptr<File> file;

    /// The machine has crashed since.
    [[nodiscard]] bool lost() const { return disk->dead() || disk->boot() != boot; }
};

OpenFile& of(sqlite3_file* file) {
    return *reinterpret_cast<OpenFile*>(file);
}

SimulatedDisk& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<SimulatedDisk*>(vfs->pAppData);
}

int code_of(const Result<void>& done, int fault) {
    if (done) return SQLITE_OK;
    return done.error().code == Code::disk_full ? SQLITE_FULL : fault;
}

int close(sqlite3_file* file) {
    std::destroy_at(&of(file).file);
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* target, int size, sqlite3_int64 offset) {
    if (of(file).lost()) return SQLITE_IOERR_READ;
    const Bytes& content = of(file).file->content;
    const auto wanted = static_cast<std::size_t>(size);
    const auto from = static_cast<std::size_t>(offset);
    const std::size_t there = from < content.size() ? std::min(wanted, content.size() - from) : 0;
    if (there > 0) std::memcpy(target, content.data() + from, there);
    if (there == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(target) + there, 0, wanted - there);
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* source, int size, sqlite3_int64 offset) {
    if (of(file).lost()) return SQLITE_IOERR_WRITE;
    const BytesView content(static_cast<const std::uint8_t*>(source),
                            static_cast<std::size_t>(size));
    return code_of(
        of(file).disk->write_at(*of(file).file, static_cast<std::uint64_t>(offset), content),
        SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (of(file).lost()) return SQLITE_IOERR_TRUNCATE;
    return code_of(of(file).disk->truncate(*of(file).file, static_cast<std::uint64_t>(size)),
                   SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* file, int /*flags*/) {
    if (of(file).lost()) return SQLITE_IOERR_FSYNC;
    return code_of(of(file).disk->sync(*of(file).file), SQLITE_IOERR_FSYNC);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(of(file).file->content.size());
    return SQLITE_OK;
}

int lock(sqlite3_file* /*file*/, int /*level*/) {
    return SQLITE_OK;
}

int check_lock(sqlite3_file* /*file*/, int* taken) {
    *taken = 0;
    return SQLITE_OK;
}

int control(sqlite3_file* /*file*/, int /*what*/, void* /*argument*/) {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file* /*file*/) {
    return 4096;  // as SQLite takes it for the system's disks
}

int characteristics(sqlite3_file* /*file*/) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;  // likewise
}

constexpr sqlite3_io_methods methods{
    .iVersion = 1,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = lock,
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

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* opened_flags) {
    SimulatedDisk& disk = disk_of(vfs);
    file->pMethods = nullptr;
    if (disk.dead() || path == nullptr) return SQLITE_CANTOPEN;
    if ((flags & SQLITE_OPEN_CREATE) == 0 && !disk.has(path)) return SQLITE_CANTOPEN;
    OpenFile& opened = of(file);
    opened.disk = &disk;
    opened.boot = disk.boot();
    std::construct_at(&opened.file, disk.open(path));
    file->pMethods = &methods;
    if (opened_flags != nullptr) *opened_flags = flags;
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* path, int synced) {
    const auto lasting =
        synced != 0 ? SimulatedDisk::Lasting::Synced : SimulatedDisk::Lasting::NotSynced;
    if (!disk_of(vfs).has(path)) return SQLITE_IOERR_DELETE_NOENT;
    return code_of(disk_of(vfs).remove_file(path, lasting), SQLITE_IOERR_DELETE);
}

int access(sqlite3_vfs* vfs, const char* path, int /*how*/, int* there) {
    *there = disk_of(vfs).has(path) ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*vfs*/, const char* path, int size, char* target) {
    const std::size_t length = std::strlen(path);
    if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(target, path, length + 1);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* /*vfs*/, int size, char* target) {
    std::memset(target, 0, static_cast<std::size_t>(size));  // SQLite asks the default VFS
    return size;
}

int pause(sqlite3_vfs* /*vfs*/, int microseconds) {
    return microseconds;
}

int julian_day(sqlite3_vfs* /*vfs*/, double* day) {
    *day = 2440587.5;  // 1970; no statement of ours asks
    return SQLITE_OK;
}

int last_error(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*target*/) {
    return 0;
}

}  // namespace

SimulatedDisk::Vfs::Vfs(SimulatedDisk& disk)
    : name_(std::format("simulated-{:x}", reinterpret_cast<std::uintptr_t>(&disk))) {
    table_.iVersion = 1;
    table_.szOsFile = sizeof(OpenFile);
    table_.mxPathname = 512;
    table_.zName = name_.c_str();
    table_.pAppData = &disk;
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

SimulatedDisk::Vfs::~Vfs() {
    sqlite3_vfs_unregister(&table_);
}

}  // namespace cercle::store
