// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The life of one command, from when a person gives it to when it is done or interrupted.

#include <utility>

#include "client/card_hours.h"
#include "client/errand.h"
#include "client/outcome.h"
#include "client/tenancy.h"
#include "codec/tls.h"
#include "crypto/random.h"
#include "net/signals.h"
#include "net/tls_network.h"

namespace cercle::client {
namespace {

net::Task<Outcome> stay_for_one(World& world,
                                const Settings& settings,
                                const Errand& errand,
                                const ByteSink& sink,
                                const OpenOwner& open_owner) {
    Tenancy tenancy(world, settings, open_owner);
    auto outcome = co_await tenancy.perform(errand, sink);
    static_cast<void>(co_await tenancy.leave());
    co_return outcome;
}

/// Runs beside the command and ends it when the person does.
net::Task<void> stop_on_signal(net::StopSignals& signals, net::TaskGroup& work) {
    CO_TRY_VOID(co_await signals.wait());
    work.cancel();
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
        keep_outcome(stay_for_one(world, settings, errand, sink, open_owner), outcome, done)));
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
    World world{loop, network, loop.clock(), random, diary, disk, {}, offset_of_this_machine};
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
    const Errand errand = errand_of(command, timeout_of(settings), reached);
    const ByteSink bytes = [&](const Bytes& encoded) {
        const auto event = codec::decode<Event>(encoded);
        if (!event) return;
        interruption.see(*event);
        if (const auto* come_to = std::get_if<Reached>(&*event)) reached = come_to->place;
        sink(*event);
    };
    Outcome outcome = run_in_home(settings, errand, bytes, [](World& world, const Settings& own) {
        return std::make_unique<MemberOwner>(world, own);
    });
    if (outcome.exit == Exit::Interrupted) outcome.sentence = interruption.sentence();
    return outcome;
}

}  // namespace cercle::client
