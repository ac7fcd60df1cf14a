// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/local_socket.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/network_trial.h"
#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace cercle::net::trial;
using namespace std::chrono_literals;

class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "cercle-XXXXXX").string();
        path = mkdtemp(name.data());
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    ~Folder() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
};

Task<Pair> meet_locally(Listener& listener, std::filesystem::path path, Loop& loop) {
    CO_TRY(auto caller, co_await dial_local(loop, std::move(path), loop.in(10s)));
    CO_TRY(auto called, co_await listener.accept());
    co_return Pair{std::move(caller), std::move(called)};
}

/// A peer that does not keep to the framing.
int connect_raw(const std::filesystem::path& path) {
    const int raw = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    REQUIRE(connect(raw, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    return raw;
}

}  // namespace

TEST_CASE("two commands exchange frames over a home's socket, however long its path") {
    const Folder folder;
    const auto deep = folder.path / std::string(200, 'd') / std::string(200, 'e');
    std::filesystem::create_directories(deep);
    for (const auto& path : {folder.path / "control", deep / "control"}) {
        Loop loop(Loop::Kind::Real);
        SilentDiary diary;
        TaskGroup group(loop, diary);
        auto listener = listen_local(loop, path).value();
        struct stat found{};
        REQUIRE(stat(path.c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == 0600);
        Pair pair = loop.run_until(meet_locally(*listener, path, loop)).value();
        REQUIRE(group.spawn(echo(*pair.called, loop)));
        CHECK(loop.run_until(exchange(*pair.caller, loop, {0, 1, 5, 100'000, 1U << 20U, 2})));
        CHECK(loop.run_until(pair.caller->send(Bytes((1U << 20U) + 1), loop.in(1s))).error().code ==
              Code::too_large);
        CHECK(loop.run_until(exchange(*pair.caller, loop, {7})));
        CHECK(loop.run_until(group.close()));
        pair.called.reset();
        CHECK(loop.run_until(pair.caller->receive(loop.in(10s))).error().code ==
              Code::unreachable_peer);
        listener.reset();
        CHECK_FALSE(std::filesystem::exists(path));
    }
}

TEST_CASE("a dead socket is replaced, a live one and any other file are not") {
    const Folder folder;
    Loop loop(Loop::Kind::Real);
    const auto path = folder.path / "control";
    {  // what a killed process leaves behind
        const int raw = socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
        REQUIRE(bind(raw, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
        close(raw);
    }
    CHECK(loop.run_until(dial_local(loop, path, loop.in(1s))).error().code ==
          Code::unreachable_peer);
    auto listener = listen_local(loop, path);
    REQUIRE(listener);
    CHECK(listen_local(loop, path).error().code == Code::busy);
    std::ofstream(folder.path / "file") << "text";
    CHECK(listen_local(loop, folder.path / "file").error().code == Code::already_exists);
    CHECK(std::filesystem::exists(folder.path / "file"));
    CHECK(listen_local(loop, folder.path / "nowhere" / "control").error().code == Code::not_found);
    CHECK(loop.run_until(dial_local(loop, folder.path / "nobody", loop.in(1s))).error().code ==
          Code::unreachable_peer);
}

TEST_CASE(
    "an announced frame over the bound ends the channel before anything is allocated for it") {
    const Folder folder;
    Loop loop(Loop::Kind::Real);
    const auto path = folder.path / "control";
    auto listener = listen_local(loop, path).value();
    const int raw = connect_raw(path);
    auto channel = loop.run_until(listener->accept()).value();
    const std::string head = "\xff\xff\xff\xff";
    REQUIRE(write(raw, head.data(), head.size()) == 4);
    CHECK(loop.run_until(channel->receive(loop.in(10s))).error().code == Code::too_large);
    char byte = 0;
    CHECK(read(raw, &byte, 1) <= 0);
    close(raw);
}

TEST_CASE("a frame that breaks off is a lost peer, not a frame") {
    const Folder folder;
    Loop loop(Loop::Kind::Real);
    const auto path = folder.path / "control";
    auto listener = listen_local(loop, path).value();
    const int raw = connect_raw(path);
    auto channel = loop.run_until(listener->accept()).value();
    REQUIRE(write(raw, "\0\0\0\5abc", 7) == 7);
    close(raw);
    CHECK(loop.run_until(channel->receive(loop.in(10s))).error().code == Code::unreachable_peer);
}
