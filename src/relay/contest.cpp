// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/contest.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "access/label.h"

namespace cercle::relay {
namespace {

/// A departure that nobody has confirmed for so many epochs is not looked for any more.
constexpr std::size_t longest_line = 1024;

Result<std::vector<Effect>> let_go(const Bench& bench,
                                   const LogId& log,
                                   const std::vector<Departure>& departures) {
    std::vector<Effect> effects;
    for (const Departure& departure : departures) {
        TRY(auto reader, bench.tables.find_reader(log, departure.reader));
        if (!reader || reader->dropped_at) continue;
        reader->dropped_at = departure.bundle;
        TRY_VOID(bench.tables.put_reader(log, *reader));
        effects.emplace_back(ReaderDropped{log, departure.reader});
    }
    return effects;
}

/// From a candidate back to the oldest departure that waits, the newest first.
Result<std::vector<Candidate>> line_to(EpochTables& epochs,
                                       const LogId& log,
                                       Seq candidate,
                                       Seq oldest) {
    std::vector<Candidate> line;
    while (line.size() < longest_line && candidate >= oldest) {
        TRY(const auto one, epochs.candidate_at(log, candidate));
        if (!one || !one->author) break;
        candidate = one->parent;
        line.push_back(*one);
    }
    return line;
}

/// What those whom a bundle drops have last agreed to: who came in behind that has no say.
Result<Seq> agreed(const Bench& bench, const LogId& log, const std::vector<Departure>& departures) {
    std::optional<Seq> least;
    for (const Departure& one : departures) {
        TRY(const auto reader, bench.tables.find_reader(log, one.reader));
        const Seq follows = reader ? reader->follows : Seq{};
        least = least ? std::min(*least, follows) : follows;
    }
    return least.value_or(Seq{});
}

}  // namespace

Result<std::vector<Candidate>> check_turn(const Bench& bench,
                                          const protocol::SignedBundle& letter,
                                          const protocol::Bundle& bundle,
                                          Seq passed_over) {
    EpochTables& epochs = bench.tables.epochs();
    TRY(auto parents, epochs.candidates(bundle.log, bundle.epoch));
    std::erase_if(parents, [&letter](const Candidate& candidate) {
        return !access::verify(candidate.verifier.bundle.view(),
                               access::Label::BundleEpoch,
                               letter.bundle,
                               letter.epoch_signature)
                    .has_value();
    });
    if (parents.empty()) return refuse();
    if (std::ranges::any_of(parents, [passed_over](const Candidate& candidate) {
            return candidate.ended > passed_over;
        })) {
        return fail(Code::stale, "another bundle goes on from there");
    }
    TRY(const auto rivals, epochs.candidates(bundle.log, bundle.epoch.next()));
    if (std::ranges::any_of(rivals, [&bundle](const Candidate& candidate) {
            return candidate.author == bundle.author ||
                   candidate.verifier.bundle == bundle.next.bundle ||
                   candidate.verifier.token == bundle.next.token;
        })) {
        return refuse();
    }
    TRY(const auto author, bench.tables.find_reader(bundle.log, bundle.author));
    if (!author || author->since > parents.front().position) return refuse();
    return parents;
}

Result<void> begin_candidate(const Bench& bench,
                             const protocol::Bundle& bundle,
                             Seq seq,
                             const std::vector<Candidate>& parents) {
    EpochTables& epochs = bench.tables.epochs();
    for (const Candidate& parent : parents) {
        TRY_VOID(epochs.end_candidates(bundle.log, bundle.epoch, parent.verifier.bundle, seq));
    }
    return epochs.insert_candidate(
        bundle.log,
        {bundle.epoch.next(), seq, bundle.next, bundle.author, parents.front().position, Seq{0}});
}

Result<std::vector<Effect>> drop_readers(const Bench& bench,
                                         const protocol::Bundle& bundle,
                                         Seq seq) {
    std::vector<Departure> departures;
    for (const ReaderKey& key : bundle.readers_dropped) {
        TRY(const auto reader, bench.tables.find_reader(bundle.log, key));
        if (reader && !reader->dropped_at) departures.push_back({seq, key});
    }
    TRY(const std::uint64_t readers, bench.tables.count_readers(bundle.log));
    if (readers <= 2) return let_go(bench, bundle.log, departures);
    for (const Departure& departure : departures) {
        TRY_VOID(bench.tables.epochs().insert_departure(bundle.log, departure));
    }
    return std::vector<Effect>{};
}

Result<std::vector<Effect>> note_follower(const Bench& bench,
                                          const LogId& log,
                                          const ReaderKey& reader,
                                          Seq candidate) {
    EpochTables& epochs = bench.tables.epochs();
    TRY(const auto waiting, epochs.departures(log));
    std::vector<Effect> effects;
    if (waiting.empty()) return effects;
    TRY(const auto follower, bench.tables.find_reader(log, reader));
    TRY(const auto line, line_to(epochs, log, candidate, waiting.front().bundle));
    const auto is_on_line = [&line](const Departure& one) {
        return std::ranges::contains(line, one.bundle, &Candidate::position);
    };
    const bool is_party =
        std::ranges::any_of(line, [&](const auto& one) { return one.author == reader; }) ||
        std::ranges::any_of(
            waiting, [&](const auto& one) { return one.reader == reader && is_on_line(one); });
    if (!follower || follower->dropped_at || is_party) return effects;
    std::set<ReaderKey> leaving;
    for (const Departure& one : waiting) {
        if (is_on_line(one)) leaving.insert(one.reader);
    }
    for (const Candidate& bundle : line) {
        std::vector<Departure> departures;
        std::ranges::copy_if(waiting, std::back_inserter(departures), [&](const auto& one) {
            return one.bundle == bundle.position;
        });
        if (departures.empty()) continue;
        TRY(const Seq basis, agreed(bench, log, departures));
        if (follower->since > basis) continue;
        TRY(const std::uint64_t followers, epochs.add_follower(log, bundle.position, reader));
        TRY(const std::uint64_t gone_since, epochs.count_dropped_after(log, basis));
        if (followers < leaving.size() + gone_since) continue;
        TRY(const auto gone, let_go(bench, log, departures));
        effects.insert(effects.end(), gone.begin(), gone.end());
        TRY_VOID(epochs.delete_departures(log, bundle.position));
    }
    return effects;
}

}  // namespace cercle::relay
