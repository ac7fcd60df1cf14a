// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bench/relay/settle.h"

#include "base/check.h"
#include "codec/tls.h"

namespace cercle::bench {

void Gathering::add(Crowd& crowd, std::unique_ptr<Asker> asker) {
    constexpr std::size_t most_at_once = 64;
    Asker& added = *asker;
    crowd.askers.push_back(&added);
    added.hearing.ready = [this] { ++ready_; };
    crowd.lines.push_back(std::make_unique<Line>(reactor_, port_, std::move(asker)));
    ++added_;
    reactor_.run_until([this] { return added_ - ready_ < most_at_once || reactor_.lost > 0; });
}

void Gathering::complete() {
    reactor_.run_until([this] { return ready_ == added_ || reactor_.lost > 0; });
    CHECK(reactor_.lost == 0, "a line was lost before it was ready");
}

void ask_all(Reactor& reactor, Line& line, RelayAsker& asker, const std::vector<Bytes>& frames) {
    constexpr std::size_t most_under_way = 32;
    std::size_t asked = 0;
    std::size_t answered = 0;
    bool refused = false;
    const Hearing before = asker.hearing;
    asker.hearing.answered = [&](std::uint32_t) { ++answered; };
    asker.hearing.refused = [&](std::uint32_t) { refused = true; };
    while (answered < frames.size()) {
        while (asked < frames.size() && asked - answered < most_under_way)
            asker.say(line, frames.at(asked++));
        const std::size_t known = answered;
        reactor.run_until([&] { return answered > known || refused || line.is_lost(); });
        CHECK(!refused && !line.is_lost(), "the relay refuses what a circle needs");
    }
    asker.hearing = before;
}

void make_stream_on(std::uint16_t port) {
    Reactor reactor;
    Crowd maker;
    Gathering gathering(reactor, port);
    gathering.add(maker, make_stream());
    gathering.complete();
    bool made = false;
    maker.askers.front()->hearing.answered = [&](std::uint32_t) { made = true; };
    maker.askers.front()->append(*maker.lines.front());
    reactor.run_until([&] { return made || reactor.lost > 0; });
    CHECK(made, "JetStream makes no stream");
}

namespace {

void ask_as_officer(Reactor& reactor,
                    const Town& town,
                    std::uint16_t port,
                    const std::vector<Bytes>& frames) {
    Crowd officer;
    Gathering gathering(reactor, port);
    auto asker = speak_officer(town);
    RelayAsker& speaks = *asker;
    gathering.add(officer, std::move(asker));
    gathering.complete();
    ask_all(reactor, *officer.lines.front(), speaks, frames);
}

}  // namespace

void admit_devices(Reactor& reactor,
                   const Town& town,
                   std::uint16_t port,
                   std::uint32_t first,
                   std::uint32_t end) {
    // Apart from the rest: until the relay is claimed, its officer is a stranger, and as slow as
    // one.
    if (first == 0) {
        ask_as_officer(
            reactor, town, port, {codec::encode(protocol::Request{{1}, protocol::Claim{}})});
    }
    std::vector<Bytes> frames;
    for (std::uint32_t device = first; device < end; ++device)
        frames.push_back(town.admission(device));
    ask_as_officer(reactor, town, port, frames);
}

void found_logs(Reactor& reactor,
                const Town& town,
                std::uint16_t port,
                std::uint32_t first,
                std::uint32_t end) {
    // One device founds them all, up to its quota: a log does not know who made it.
    constexpr std::uint32_t quota = 9'000;
    for (std::uint32_t from = first; from < end; from += quota) {
        Crowd founder;
        Gathering gathering(reactor, port);
        auto asker = speak_relay(town, from, Where::Own);
        RelayAsker& speaks = *asker;
        gathering.add(founder, std::move(asker));
        gathering.complete();
        std::vector<Bytes> frames;
        if (from == 0) {
            constexpr std::uint32_t most_readers = 1'000;
            frames.push_back(codec::encode(protocol::Request{
                {1}, town.founding(0, Where::Shared, std::min(end, most_readers))}));
        }
        for (std::uint32_t device = from; device < std::min(end, from + quota); ++device) {
            frames.push_back(
                codec::encode(protocol::Request{{2}, town.founding(device, Where::Own, 0)}));
        }
        ask_all(reactor, *founder.lines.front(), speaks, frames);
    }
}

}  // namespace cercle::bench
