// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The life of one command: this process owns the home, or passes its command on to the one that
// does, until one of the two has worked.

#include <utility>

#include "client/errand.h"
#include "client/outcome.h"
#include "client/owner.h"
#include "codec/tls.h"
#include "crypto/random.h"
#include "net/signals.h"
#include "net/tls_network.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

/// While another process is just starting or ending.
constexpr Duration busy_patience = 10s;
constexpr Duration busy_pause = 20ms;
/// Commands that others have passed to us may finish first.
constexpr Duration drain_patience = 60s;

net::Task<Outcome> perform_passed(Owner& owner, Bytes command, ByteSink events) {
    auto passed = codec::decode<Request>(command);
    if (!passed) co_return outcome_of(passed.error());
    co_return co_await owner.perform(*std::move(passed), std::move(events));
}

net::Task<Outcome> own_home(World& world,
                            const Settings& settings,
                            Home home,
                            Request request,
                            const ByteSink& sink,
                            const OpenOwner& open_owner) {
    const std::unique_ptr<Owner> owner = open_owner(world, settings);
    const auto serve = home.serve(world, [&owner](Bytes command, ByteSink events) {
        return perform_passed(*owner, std::move(command), std::move(events));
    });
    if (!serve) co_return std::unexpected(serve.error());
    auto outcome = co_await owner->perform(std::move(request), sink);
    static_cast<void>(co_await home.drain(world.loop.in(drain_patience)));
    static_cast<void>(co_await home.close());
    static_cast<void>(co_await owner->stop());
    co_return outcome;
}

/// Whether another owner should do it after this one has gone.
bool worth_another_owner(const Result<Outcome>& passed, Lasting lasting, bool heard) {
    if (passed) return passed->exit == Exit::Busy;
    if (passed.error().code != Code::unreachable_peer) return false;
    // What was begun elsewhere and ends by itself may have been done: that is for a person to see.
    return lasting == Lasting::Yes || !heard;
}

net::Task<Outcome> own_or_pass_on(World& world,
                                  const Settings& settings,
                                  const Errand& errand,
                                  const ByteSink& sink,
                                  const OpenOwner& open_owner) {
    net::Deadline deadline = world.loop.in(busy_patience);
    while (true) {
        auto home = Home::take(settings.home);
        if (home) {
            co_return co_await own_home(
                world, settings, *std::move(home), errand.again(), sink, open_owner);
        }
        if (home.error().code != Code::busy) co_return std::unexpected(home.error());
        bool heard = false;
        auto passed = co_await pass_on(
            world,
            settings.home,
            codec::encode(errand.again()),
            errand.lasting,
            [&sink, &heard](Bytes event) {
                heard = true;
                sink(std::move(event));
            },
            deadline);
        if (!worth_another_owner(passed, errand.lasting, heard)) co_return passed;
        if (heard) deadline = world.loop.in(busy_patience);
        if (deadline.passed(world.clock)) {
            if (passed) co_return passed;
            co_return fail(Code::home_busy, "another process owns this home and does not answer");
        }
        CO_TRY_VOID(co_await world.loop.wait_until(world.loop.in(busy_pause)));
    }
}

/// Runs beside the command and ends it when the person does.
net::Task<void> stop_on_signal(net::StopSignals& signals, net::TaskGroup& work) {
    CO_TRY_VOID(co_await signals.wait());
    work.cancel();
    co_return Result<void>();
}

net::Task<void> keep_outcome(net::Task<Outcome> task, Outcome& outcome, net::Event& done) {
    auto result = co_await std::move(task);
    outcome = result ? *std::move(result) : outcome_of(result.error());
    done.set();
    co_return Result<void>();
}

net::Task<void> run_all(World& world,
                        const Settings& settings,
                        const Errand& errand,
                        const ByteSink& sink,
                        const OpenOwner& open_owner,
                        Outcome& outcome) {
    net::StopSignals signals(world.loop);
    net::TaskGroup work(world.loop, world.diary);
    net::TaskGroup watch(world.loop, world.diary);
    net::Event done(world.loop);
    CO_TRY_VOID(work.spawn(
        keep_outcome(own_or_pass_on(world, settings, errand, sink, open_owner), outcome, done)));
    CO_TRY_VOID(watch.spawn(stop_on_signal(signals, work)));
    const auto waited = co_await done.wait(net::Deadline::never());
    static_cast<void>(co_await watch.close());
    static_cast<void>(co_await work.close());
    co_return waited;
}

}  // namespace

Outcome run_in_home(const Settings& settings,
                    const Errand& errand,
                    const ByteSink& sink,
                    const OpenOwner& open_owner) {
    net::Loop loop(net::Loop::Kind::Real);
    net::TlsNetwork network(loop);
    crypto::SystemRandom random;
    SilentDiary silent;
    StderrDiary standard;
    Diary& diary = settings.diary == Diaries::Standard ? static_cast<Diary&>(standard) : silent;
    store::SystemDisk disk;
    World world{loop, network, loop.clock(), random, diary, disk};
    Outcome outcome{Exit::Interrupted, "interrupted", "the command was ended"};
    const auto ran = loop.run_until(run_all(world, settings, errand, sink, open_owner, outcome));
    if (!ran) return outcome_of(ran.error());
    return outcome;
}

std::optional<std::uint32_t> timeout_of(const Settings& settings) {
    if (!settings.timeout) return std::nullopt;
    return static_cast<std::uint32_t>(settings.timeout->count());
}

Outcome perform(const Settings& settings, const Command& given, const EventSink& sink) {
    crypto::SystemRandom random;
    const Command command = ready(given, random);
    std::uint64_t reached = 0;
    Interruption interruption;
    const auto* read = std::get_if<Read>(&command);
    const Errand errand{
        [&]() -> Request {
            if (read == nullptr) {
                return {Area::Client, timeout_of(settings), codec::encode(command)};
            }
            Read go_on = *read;
            go_on.reached = reached;
            return {Area::Client, timeout_of(settings), codec::encode(Command(std::move(go_on)))};
        },
        may_be_repeated(command) ? Lasting::Yes : Lasting::No};
    const ByteSink bytes = [&](const Bytes& encoded) {
        const auto event = codec::decode<Event>(encoded);
        if (!event) return;
        interruption.see(*event);
        const auto* come_to = std::get_if<Reached>(&*event);
        if (come_to != nullptr) {
            reached = come_to->place;
        } else {
            sink(*event);
        }
    };
    Outcome outcome = run_in_home(settings, errand, bytes, [](World& world, const Settings& own) {
        return std::make_unique<MemberOwner>(world, own);
    });
    if (outcome.exit == Exit::Interrupted) outcome.sentence = interruption.sentence();
    return outcome;
}

}  // namespace cercle::client
