// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/tenancy.h"

#include <utility>

#include "client/outcome.h"
#include "codec/tls.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

/// While another process is just starting or ending.
constexpr Duration busy_patience = 10s;
constexpr Duration busy_pause = 20ms;
/// Commands that others have passed to us may finish first.
constexpr Duration drain_patience = 60s;

/// Whether another owner should do it after this one has gone.
bool worth_another_owner(const Result<Outcome>& passed, Lasting lasting, bool heard) {
    if (passed) return passed->exit == Exit::Busy;
    if (passed.error().code != Code::unreachable_peer) return false;
    // It may have been done, and is done once all the same (errand.h). But who has heard a part of
    // it would hear that twice: what has come of it is then for a person to see.
    return lasting == Lasting::Yes || !heard;
}

}  // namespace

net::Task<void> keep_outcome(net::Task<Outcome> task, Outcome& outcome, net::Event& done) {
    auto result = co_await std::move(task);
    outcome = result ? *std::move(result) : outcome_of(result.error());
    done.set();
    co_return Result<void>();
}

Tenancy::Tenancy(World& world, Settings settings, OpenOwner open_owner)
    : world_(world),
      settings_(std::move(settings)),
      open_owner_(std::move(open_owner)) {}

Tenancy::~Tenancy() = default;

Result<bool> Tenancy::take_home() {
    if (owner_ != nullptr) return true;
    auto home = Home::take(settings_.home);
    if (!home && home.error().code == Code::busy) return false;
    if (!home) return std::unexpected(home.error());
    home_ = *std::move(home);
    const auto served = home_->serve(world_, [this](Bytes command, ByteSink events) {
        return perform_passed(std::move(command), std::move(events));
    });
    if (!served) {
        home_.reset();
        return std::unexpected(served.error());
    }
    owner_ = open_owner_(world_, settings_);
    return true;
}

net::Task<Outcome> Tenancy::perform_passed(Bytes command, ByteSink events) {
    auto passed = codec::decode<Request>(command);
    if (!passed) co_return outcome_of(passed.error());
    co_return co_await owner_->perform(*std::move(passed), std::move(events));
}

net::Task<Outcome> Tenancy::perform(Errand errand, ByteSink sink) {
    net::Deadline deadline = world_.loop.in(busy_patience);
    while (true) {
        CO_TRY(const bool ours, take_home());
        if (ours) co_return co_await owner_->perform(errand.again(), sink);
        bool heard = false;
        auto passed = co_await pass_on(
            world_,
            settings_.home,
            codec::encode(errand.again()),
            errand.lasting,
            [&sink, &heard](Bytes event) {
                heard = true;
                sink(std::move(event));
            },
            deadline);
        if (!worth_another_owner(passed, errand.lasting, heard)) co_return passed;
        if (heard) deadline = world_.loop.in(busy_patience);
        if (deadline.passed(world_.clock)) {
            if (passed) co_return passed;
            co_return fail(Code::home_busy, "another process owns this home and does not answer");
        }
        CO_TRY_VOID(co_await world_.loop.wait_until(world_.loop.in(busy_pause)));
    }
}

net::Task<void> Tenancy::leave() {
    if (!home_) co_return Result<void>();
    static_cast<void>(co_await home_->drain(world_.loop.in(drain_patience)));
    static_cast<void>(co_await home_->close());
    const auto stopped = co_await owner_->stop();
    owner_.reset();
    home_.reset();
    co_return stopped;
}

}  // namespace cercle::client
