// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/private_file.h"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::store;

}  // namespace

TEST_CASE("a private file comes back as it was written, and is its owner's alone") {
    const Scratch scratch;
    const auto path = scratch / "key";
    REQUIRE(write_private_file(path, to_bytes("first")).has_value());
    REQUIRE(write_private_file(path, to_bytes("second")).has_value());
    const auto content = read_private_file(path, 100);
    REQUIRE(content.has_value());
    CHECK(to_text(to_bytes(content->reveal())) == "second");
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0600U);
}

TEST_CASE("a private file that others may read is refused, not repaired") {
    const Scratch scratch;
    const auto path = scratch / "key";
    REQUIRE(write_private_file(path, to_bytes("key")).has_value());
    REQUIRE(::chmod(path.c_str(), 0604) == 0);
    CHECK(read_private_file(path, 100).error().code == Code::permissions);
    CHECK(write_private_file(path, to_bytes("other")).error().code == Code::permissions);
}

TEST_CASE("a symbolic link in a private file's place is refused") {
    const Scratch scratch;
    REQUIRE(write_private_file(scratch / "real", to_bytes("key")).has_value());
    std::filesystem::create_symlink(scratch / "real", scratch / "link");
    CHECK(read_private_file(scratch / "link", 100).error().code == Code::permissions);
    CHECK(write_private_file(scratch / "link", to_bytes("x")).error().code == Code::permissions);
}

TEST_CASE("a private file longer than expected is refused, a missing one is not found") {
    const Scratch scratch;
    REQUIRE(write_private_file(scratch / "key", Bytes(101)).has_value());
    CHECK(read_private_file(scratch / "key", 100).error().code == Code::too_large);
    CHECK(read_private_bytes(scratch / "key", 100).error().code == Code::too_large);
    CHECK(read_private_file(scratch / "none", 100).error().code == Code::not_found);
}

TEST_CASE("a directory that others may enter is refused") {
    const Scratch scratch;
    const auto path = scratch / "home";
    REQUIRE(make_private_directory(path).has_value());
    REQUIRE(make_private_directory(path).has_value());
    REQUIRE(::chmod(path.c_str(), 0711) == 0);
    CHECK(check_private_directory(path).error().code == Code::permissions);
    REQUIRE(write_private_file(path / "file", {}).has_value());
    CHECK(make_private_directory(path).error().code == Code::permissions);
}

TEST_CASE("an empty directory is closed to others before it is used") {
    const Scratch scratch;
    const auto path = scratch / "home";
    REQUIRE(make_private_directory(path).has_value());
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
    REQUIRE(make_private_directory(path).has_value());
    CHECK(check_private_directory(path).has_value());
}

TEST_CASE("a directory has one owner at a time, until it lets go") {
    const Scratch scratch;
    {
        const auto lock = DirectoryLock::take(scratch.path());
        REQUIRE(lock.has_value());
        CHECK(DirectoryLock::take(scratch.path()).error().code == Code::busy);
    }
    CHECK(DirectoryLock::take(scratch.path()).has_value());
}
