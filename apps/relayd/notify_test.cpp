// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/notify.h"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diary.h"
#include "net/event.h"
#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::relayd;

constexpr Duration period{3000};

struct Watched {
    net::Loop loop{net::Loop::Kind::Virtual};
    SilentDiary diary;
    net::TaskGroup tasks{loop, diary};
    net::Event goes_on{loop};
    int fed = 0;
    bool fails = false;

    net::Task<void> prove() {
        CO_TRY_VOID(co_await goes_on.wait(net::Deadline::never()));
        if (fails) co_return fail(Code::disk_fault, "the disk failed");
        co_return Result<void>{};
    }

    void begin() {
        const auto begun =
            tasks.spawn(keep_fed(loop, period, [this] { return prove(); }, [this] { ++fed; }));
        REQUIRE(begun.has_value());
    }

    ~Watched() { static_cast<void>(loop.run_until(tasks.close())); }
};

}  // namespace

TEST_CASE("the watchdog is fed three times in its period while the store answers") {
    Watched watched;
    watched.goes_on.set();
    watched.begin();
    watched.loop.run_for(period * 4);
    REQUIRE(watched.fed >= 12);
    REQUIRE(watched.fed <= 13);
}

TEST_CASE("a store that hangs starves the watchdog, though the loop goes on") {
    Watched watched;
    watched.goes_on.set();
    watched.begin();
    watched.loop.run_for(period);
    const int before = watched.fed;
    REQUIRE(before > 0);
    watched.goes_on.reset();
    watched.loop.run_for(period * 10);
    REQUIRE(watched.fed == before);
    watched.goes_on.set();
    watched.loop.run_for(period);
    REQUIRE(watched.fed > before);
}

TEST_CASE("a store that fails starves the watchdog until it works again") {
    Watched watched;
    watched.goes_on.set();
    watched.fails = true;
    watched.begin();
    watched.loop.run_for(period * 10);
    REQUIRE(watched.fed == 0);
    watched.fails = false;
    watched.loop.run_for(period);
    REQUIRE(watched.fed > 0);
}

TEST_CASE("what systemd is told arrives at its socket") {
    std::string folder = (std::filesystem::temp_directory_path() / "cercle-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const std::string path = folder + "/notify";
    const int listening = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "3000000", 1);
    {
        const auto notify = Notify::from_environment();
        REQUIRE(notify.has_value());
        REQUIRE(notify->watchdog() == Duration{3000});
        notify->say("READY=1");
        std::array<char, 64> heard{};
        REQUIRE(::recv(listening, heard.data(), heard.size(), 0) == 7);
        REQUIRE(std::string_view(heard.data()) == "READY=1");
    }
    REQUIRE(std::getenv("NOTIFY_SOCKET") == nullptr);
    ::close(listening);
    std::filesystem::remove_all(folder);
}

TEST_CASE("without systemd nobody is told anything, and a wrong socket is said") {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    const auto notify = Notify::from_environment();
    REQUIRE(notify.has_value());
    REQUIRE_FALSE(notify->watchdog());
    notify->say("READY=1");
    ::setenv("NOTIFY_SOCKET", "relative", 1);
    REQUIRE(Notify::from_environment().error().code == Code::invalid_argument);
    ::setenv("NOTIFY_SOCKET", "/nowhere/notify", 1);
    REQUIRE(Notify::from_environment().error().code == Code::permissions);
}
