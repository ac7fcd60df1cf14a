// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/device.h"

#include <utility>

#include "client/joining.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

}  // namespace

Result<std::unique_ptr<Device>> Device::create(World& world, store::Database vault) {
    TRY(auto self, load_self(vault));
    if (!self) {
        return fail(Code::home_missing,
                    "this device has not joined a circle yet; join with an invitation");
    }
    return std::make_unique<Device>(world, std::move(vault), *std::move(self));
}

Device::Device(World& world, store::Database vault, Self self)
    : core_(world, std::move(vault), std::move(self)),
      courier_(core_),
      uploader_(core_, courier_),
      tasks_(world.loop, world.diary) {}

Result<void> Device::start() {
    // What the disk may refuse comes first: a device that does not start has no task.
    TRY_VOID(core_.uploads.forget_unfinished());
    TRY_VOID(tasks_.spawn(finish_joining_in_time()));
    TRY_VOID(tasks_.spawn(uploader_.run()));
    return tasks_.spawn(courier_.run());
}

net::Task<void> Device::stop() {
    co_return co_await tasks_.close();
}

net::Task<void> Device::finish_joining_in_time() {
    Duration pause = 1s;
    while (true) {
        const auto finished = co_await finish_joining(core_, core_.world.loop.in(30s));
        if (finished || finished.error().code == Code::closing) co_return finished;
        CO_TRY_VOID(co_await core_.world.loop.wait_until(core_.world.loop.in(pause)));
        pause = std::min<Duration>(pause * 2, 60s);
    }
}

net::Task<void> Device::wait_until(std::function<Result<bool>()> done,
                                   Patience patience,
                                   net::Deadline deadline) {
    co_return co_await wait_until(
        std::move(done), patience, std::function([deadline] { return deadline; }));
}

net::Task<void> Device::wait_until(std::function<Result<bool>()> done,
                                   Patience patience,
                                   std::function<net::Deadline()> deadline) {
    // For who does not wait nothing is looked at again; but a courier at rest between two attempts
    // to reach the relay is told that somebody wants something.
    const bool waits = !deadline().passed(core_.world.clock);
    const bool asks = waits || !courier_.online();
    const std::uint64_t asked = asks ? courier_.ask() : 0;
    if (asks) uploader_.hurry();
    while (true) {
        CO_TRY(const bool happened, done());
        if (happened) co_return Result<void>();
        if (const Error* failure = courier_.failed(asked);
            failure != nullptr && patience == Patience::UntilUnreachable) {
            co_return std::unexpected(*failure);
        }
        const auto waited = co_await core_.changed.wait(deadline());
        // Whoever waited in vain learns why, if it is that.
        const Error* failure = courier_.failed(asked);
        const bool revoked = failure != nullptr && failure->code == Code::revoked;
        if (!waited && waited.error().code == Code::deadline_passed && revoked) {
            co_return std::unexpected(*failure);
        }
        CO_TRY_VOID(waited);
    }
}

net::Task<void> Device::settle(Patience patience, net::Deadline deadline) {
    const std::uint64_t asked = courier_.ask();
    const auto settled = [this, asked]() -> Result<bool> { return courier_.settled(asked); };
    co_return co_await wait_until(settled, patience, deadline);
}

}  // namespace cercle::client
