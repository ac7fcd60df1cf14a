// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/user_file.h"

#include <fstream>
#include <iterator>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::store;

void write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// What is made now is younger than that file: a disk's clock has large ticks.
void wait_for_the_disks_clock(const std::filesystem::path& file,
                              const std::filesystem::path& clock) {
    do {
        write_text(clock, "tick");
    } while (std::filesystem::last_write_time(clock) <= std::filesystem::last_write_time(file));
}

PartFile opened(const std::filesystem::path& target) {
    auto part = PartFile::open(target);
    REQUIRE(part.has_value());
    return *std::move(part);
}

}  // namespace

TEST_CASE("a file to be sent is read to its end, piece by piece") {
    const Scratch scratch;
    write_text(scratch / "file", "0123456789");
    auto file = SourceFile::open(scratch / "file");
    REQUIRE(file.has_value());
    CHECK(file->size() == 10);
    CHECK(to_text(file->read(4).value()) == "0123");
    CHECK(to_text(file->read(4).value()) == "4567");
    CHECK(to_text(file->read(4).value()) == "89");
    CHECK(file->read(4)->empty());
    CHECK(file->is_unchanged().value());
}

TEST_CASE("what is no file to be sent is told by its own reason, and a pipe is not waited for") {
    const Scratch scratch;
    CHECK(SourceFile::open(scratch / "none").error().code == Code::not_found);
    CHECK(SourceFile::open(scratch.path()).error().code == Code::invalid_argument);
    REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
    CHECK(SourceFile::open(scratch / "pipe").error().code == Code::invalid_argument);
    write_text(scratch / "secret", "x");
    REQUIRE(::chmod((scratch / "secret").c_str(), 0) == 0);
    if (::geteuid() != 0) {
        CHECK(SourceFile::open(scratch / "secret").error().code == Code::permissions);
    }
}

TEST_CASE("a file that grows or is written while it is read has changed") {
    const Scratch scratch;
    write_text(scratch / "file", "0123456789");
    auto file = SourceFile::open(scratch / "file");
    REQUIRE(file.has_value());
    std::ofstream(scratch / "file", std::ios::app) << "more";
    CHECK_FALSE(file->is_unchanged().value());

    auto again = SourceFile::open(scratch / "file");
    REQUIRE(again.has_value());
    // Of the same size, but of another time.
    const timespec times[2]{{1000, 0}, {1000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (scratch / "file").c_str(), times, 0) == 0);
    CHECK_FALSE(again->is_unchanged().value());
}

TEST_CASE("a received file has its name only when it is whole, and is its owner's alone") {
    const Scratch scratch;
    const auto target = scratch / "report.pdf";
    auto part = opened(target);
    CHECK(part.found() == PartFile::Found::Nothing);
    REQUIRE(part.append(to_bytes("first, ")).has_value());
    CHECK_FALSE(std::filesystem::exists(target));
    REQUIRE(part.append(to_bytes("second")).has_value());
    REQUIRE(std::move(part).publish().has_value());
    CHECK(text_of(target) == "first, second");
    CHECK_FALSE(std::filesystem::exists(scratch / "report.pdf.part"));
    struct stat status{};
    REQUIRE(::stat(target.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600U);
}

TEST_CASE("a part that was left behind is found again, read, cut and gone on with") {
    const Scratch scratch;
    const auto target = scratch / "file";
    REQUIRE(opened(target).append(to_bytes("0123456789")).has_value());
    auto part = opened(target);
    CHECK(part.found() == PartFile::Found::Part);
    CHECK(part.size().value() == 10);
    CHECK(to_text(part.read(8, 100).value()) == "89");
    REQUIRE(part.cut(4).has_value());
    REQUIRE(part.append(to_bytes("x")).has_value());
    REQUIRE(std::move(part).publish().has_value());
    CHECK(text_of(target) == "0123x");
}

TEST_CASE("a part is told from what stands under its name afterwards, and that is left alone") {
    const Scratch scratch;
    const auto target = scratch / "file";
    const auto place = PartFile::place_of(target);
    auto part = opened(target);
    REQUIRE(part.append(to_bytes("received")).has_value());
    const Bytes mark = part.mark().value();
    CHECK(part.cut(2).has_value());
    CHECK(part.mark().value() == mark);
    std::filesystem::rename(place, scratch / "elsewhere");
    write_text(place, "a diary");
    std::filesystem::permissions(place, std::filesystem::perms::owner_all);
    CHECK(std::move(part).publish().error().code == Code::already_exists);
    std::move(part).discard();
    CHECK(text_of(place) == "a diary");
    CHECK_FALSE(std::filesystem::exists(target));
    CHECK(opened(target).mark().value() != mark);
    // And when its number is given out again.
    std::filesystem::remove(scratch / "elsewhere");
    std::filesystem::remove(place);
    const Bytes first = opened(target).mark().value();
    wait_for_the_disks_clock(place, scratch / "clock");
    std::filesystem::remove(place);
    CHECK(opened(target).mark().value() != first);
}

TEST_CASE("two do not receive the same file at once") {
    const Scratch scratch;
    const auto part = opened(scratch / "file");
    CHECK(PartFile::open(scratch / "file").error().code == Code::busy);
}

TEST_CASE("a file that came to stand under the name meanwhile is not written over") {
    const Scratch scratch;
    const auto target = scratch / "file";
    REQUIRE(check_vacant(target).has_value());
    auto part = opened(target);
    REQUIRE(part.append(to_bytes("new")).has_value());
    write_text(target, "old");
    CHECK(std::move(part).publish().error().code == Code::already_exists);
    CHECK(text_of(target) == "old");
    CHECK(text_of(scratch / "file.part") == "new");
}

TEST_CASE("a name that is taken, or lies nowhere, is refused before anything is received") {
    const Scratch scratch;
    write_text(scratch / "file", "x");
    CHECK(check_vacant(scratch / "file").error().code == Code::already_exists);
    CHECK(check_vacant(scratch.path()).error().code == Code::already_exists);
    std::filesystem::create_symlink("nowhere", scratch / "link");
    CHECK(check_vacant(scratch / "link").error().code == Code::already_exists);
    CHECK(check_vacant(scratch / "none" / "file").error().code == Code::not_found);
    CHECK(check_vacant(scratch / "file" / "file").error().code == Code::not_found);
    CHECK(check_vacant("").error().code == Code::invalid_argument);
    CHECK(check_vacant(scratch.path() / "").error().code == Code::invalid_argument);
    CHECK(check_vacant(scratch.path() / std::string(300, 'x')).error().code ==
          Code::invalid_argument);
    CHECK(check_vacant(scratch / "new").has_value());
}

TEST_CASE("what others may read or have put there is never taken for a part") {
    const Scratch scratch;
    write_text(scratch / "file.part", "x");
    REQUIRE(::chmod((scratch / "file.part").c_str(), 0644) == 0);
    CHECK(PartFile::open(scratch / "file").error().code == Code::permissions);
    std::filesystem::create_symlink(scratch / "file.part", scratch / "other.part");
    CHECK(PartFile::open(scratch / "other").error().code == Code::permissions);
    REQUIRE(::mkfifo((scratch / "pipe.part").c_str(), 0600) == 0);
    CHECK(PartFile::open(scratch / "pipe").error().code == Code::permissions);
}

TEST_CASE("a part that is no use is taken away") {
    const Scratch scratch;
    auto part = opened(scratch / "file");
    std::move(part).discard();
    CHECK(std::filesystem::is_empty(scratch.path()));
}
