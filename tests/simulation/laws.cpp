// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/simulation/laws.h"

#include <algorithm>
#include <array>
#include <format>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "client/judge.h"
#include "client/lost.h"
#include "client/receive.h"
#include "relay/verify.h"

namespace cercle::simulation {
namespace {

using client::ConversationState;
using client::Line;
using client::LineKind;
using client::LineState;
using protocol::LogId;

/// What one device shows of one conversation.
struct Page {
    std::string home;
    client::ConversationRow row;
    std::vector<Line> lines;

    /// From where on this device reads: where it was taken in, the last time.
    [[nodiscard]] protocol::Seq since(identity::MemberId self) const {
        protocol::Seq seq;
        for (const Line& line : lines) {
            if (line.kind == LineKind::Added && line.subject == self && line.seq) seq = *line.seq;
        }
        return seq;
    }

    [[nodiscard]] bool was_put_out(identity::MemberId self) const {
        const auto ours = [self](const Line& line) {
            return line.subject == self &&
                   (line.kind == LineKind::Added || line.kind == LineKind::Removed);
        };
        const auto last = std::ranges::find_last_if(lines, ours);
        return !last.empty() && last.front().kind == LineKind::Removed;
    }

    /// Put out, or gone, after something was written.
    [[nodiscard]] bool went_out_after(const Line& written, identity::MemberId self) const {
        return std::ranges::any_of(lines, [&](const Line& line) {
            const bool out = (line.kind == LineKind::Removed && line.subject == self) ||
                             (line.kind == LineKind::Left && line.member == self);
            return out && line.ordinal > written.ordinal;
        });
    }

    [[nodiscard]] bool has_left(identity::MemberId self) const {
        const auto comes_or_goes = [self](const Line& line) {
            return (line.kind == LineKind::Left && line.member == self) ||
                   (line.kind == LineKind::Added && line.subject == self);
        };
        const auto last = std::ranges::find_last_if(lines, comes_or_goes);
        return !last.empty() && last.front().kind == LineKind::Left;
    }
};

/// Who said what, at a position that all must agree on.
using Said = std::tuple<identity::DeviceId, envelope::MessageId, std::string>;

class Court {
  public:
    explicit Court(Chronicle& chronicle)
        : chronicle_(chronicle) {}

    std::vector<std::string> judge() {
        collect();
        timelines_agree();
        nobody_misses_anything();
        everything_is_there_once();
        nothing_was_passed_over();
        each_sender_is_in_order();
        what_was_written_is_kept();
        who_stands_in_a_roster_has_come_in();
        nothing_waits();
        members_are_in_one_epoch();
        who_is_out_reads_nothing_later();
        everybody_knows_of_lost_phones();
        the_relay_verifies();
        files_are_as_they_were_sent();
        for (const std::string& fault : chronicle_.nonces().faults())
            blame(fault);
        return std::move(faults_);
    }

  private:
    template <class... Parts>
    void blame(std::format_string<Parts...> sentence, Parts&&... parts) {
        faults_.push_back(std::format(sentence, std::forward<Parts>(parts)...));
    }

    void blame(const std::string& sentence) { faults_.push_back(sentence); }

    [[nodiscard]] client::Core& core(const std::string& home) {
        client::Core* const found = chronicle_.town().core(home);
        CHECK(found != nullptr, "a device that was just synchronised is open");
        return *found;
    }

    void collect() {
        for (const std::string& home : chronicle_.homes()) {
            client::Core& at = core(home);
            const auto rows = at.conversations.all().value();
            for (const client::ConversationRow& row : rows) {
                if (row.kind == client::ConversationKind::Directory) continue;
                auto lines = at.timeline.read(row.log, {}).value();
                pages_.push_back({home, row, std::move(lines)});
            }
        }
    }

    void timelines_agree() {
        for (const Page& page : pages_) {
            for (const Line& line : page.lines) {
                if (line.kind != LineKind::Text || !line.seq) continue;
                // Who knew of the loss earlier has passed over more of what it said.
                if (chronicle_.is_lost(line.device)) continue;
                const Said said{line.device, line.id, line.text};
                const auto [there, fresh] = said_[page.row.log].emplace(*line.seq, said);
                if (!fresh && there->second != said) {
                    blame(
                        "{} shows something else at {} than others do", page.home, line.seq->value);
                }
            }
        }
    }

    void nobody_misses_anything() {
        for (const Page& page : pages_) {
            if (page.row.state != ConversationState::Open) continue;
            const protocol::Seq since = page.since(core(page.home).self.member);
            std::set<protocol::Seq> shown;
            for (const Line& line : page.lines) {
                if (line.kind == LineKind::Text && line.seq) shown.insert(*line.seq);
            }
            for (const auto& [seq, said] : said_[page.row.log]) {
                if (seq > since && !shown.contains(seq)) {
                    blame("{} misses \"{:.40}\" at {}", page.home, std::get<2>(said), seq.value);
                }
            }
        }
    }

    void everything_is_there_once() {
        for (const std::string& home : chronicle_.homes()) {
            std::set<std::pair<identity::DeviceId, envelope::MessageId>> seen;
            for (const Page& page : pages_) {
                if (page.home != home) continue;
                for (const Line& line : page.lines) {
                    if (line.kind != LineKind::Text) continue;
                    if (!seen.emplace(line.device, line.id).second) {
                        blame("{} shows \"{:.40}\" twice", home, line.text);
                    }
                }
            }
        }
    }

    void nothing_was_passed_over() {
        for (const Page& page : pages_) {
            for (const Line& line : page.lines) {
                if (line.kind == LineKind::Text || line.kind == LineKind::Added ||
                    line.kind == LineKind::Removed || line.kind == LineKind::Left ||
                    line.kind == LineKind::Replaced) {
                    continue;
                }
                // A lost phone's words; what it counted there shows as missing, if anything does.
                if (!chronicle_.lost().empty() && line.text == "revoked") continue;
                blame("{} passed over entry {}: {}",
                      page.home,
                      line.seq ? line.seq->value : 0,
                      line.text);
            }
        }
    }

    /// Where in the story a text was said; texts begin with their numbers.
    [[nodiscard]] static std::size_t place_of(const std::string& text) {
        return static_cast<std::size_t>(std::stoul(text));
    }

    void each_sender_is_in_order() {
        for (const auto& [log, positions] : said_) {
            std::map<identity::DeviceId, std::size_t> last;
            for (const auto& [seq, said] : positions) {
                const auto& [device, id, text] = said;
                if (chronicle_.may_come_late(text)) continue;
                const std::size_t place = place_of(text);
                const auto before = last.find(device);
                if (before != last.end() && before->second > place) {
                    blame("\"{:.40}\" comes after what its author said later", text);
                }
                last.insert_or_assign(device, place);
            }
        }
    }

    void what_was_written_is_kept() {
        for (const Saying& saying : chronicle_.sayings()) {
            const auto sent = saying.errand->played.first<client::Sent>();
            if (sent.state.empty()) continue;  // refused, or its machine crashed before it said so
            if (chronicle_.lost().contains(saying.home)) continue;
            const Line* own = nullptr;
            bool out = false;
            for (const Page& page : pages_) {
                if (page.home != saying.home) continue;
                const identity::MemberId self = core(page.home).self.member;
                for (const Line& line : page.lines) {
                    if (line.kind != LineKind::Text || line.text != saying.text) continue;
                    own = &line;
                    out = page.went_out_after(line, self);
                }
            }
            if (own == nullptr) {
                blame("\"{:.40}\" was called {} and is gone", saying.text, sent.state);
            } else if (sent.state == "durable" &&
                       (own->seq ? own->seq->value : 0) != sent.seq.value_or(0)) {
                blame("\"{:.40}\" was called durable and has another place", saying.text);
            } else if (chronicle_.lost().contains(saying.to)) {
                continue;  // to nobody who could read it: it waits, or was given up
            } else if (own->state == LineState::Queued || own->state == LineState::Held) {
                blame("\"{:.40}\" still waits", saying.text);
            } else if (own->state == LineState::Failed && !out && chronicle_.lost().empty()) {
                blame("\"{:.40}\" was given up, and its author is not out", saying.text);
            }
        }
    }

    /// Neither Welcomes nor files: all that holds them up has ended.
    void nothing_waits() {
        for (const std::string& home : chronicle_.homes()) {
            const std::array<store::Sql, 2> questions{
                "SELECT count(*) FROM deposits",
                "SELECT count(*) FROM uploads WHERE state = 1 AND held = 0"};
            for (const store::Sql& question : questions) {
                const auto waiting = core(home).database.one<std::int64_t>(question).value();
                if (std::get<0>(*waiting) != 0) blame("{} still has: {}", home, question.text);
            }
        }
    }

    /// Open to the device, or closed because it has left.
    [[nodiscard]] bool has_come_in(const std::string& home, const LogId& log) {
        return std::ranges::any_of(pages_, [&](const Page& page) {
            return page.home == home && page.row.log == log &&
                   (page.row.state == ConversationState::Open ||
                    page.has_left(core(home).self.member));
        });
    }

    void who_stands_in_a_roster_has_come_in() {
        std::map<identity::DeviceId, std::string> homes;
        for (const std::string& home : chronicle_.homes())
            homes.emplace(core(home).self.device, home);
        for (const Page& page : pages_) {
            if (page.row.state != ConversationState::Open) continue;
            client::Core& at = core(page.home);
            const client::Judge judge(at.self.root, at.world.clock.wall());
            const auto* conversation = at.conversations.load(page.row.log).value();
            for (const mls::Member& member : conversation->group.roster()) {
                const auto passport = judge.passport(member.credential);
                const auto home = passport ? homes.find(passport->device) : homes.end();
                if (home == homes.end()) {
                    blame("{} knows somebody in a conversation who is none of ours", page.home);
                    continue;
                }
                if (!has_come_in(home->second, page.row.log)) {
                    blame("{} stands in a conversation of {} and has not come in",
                          home->second,
                          page.home);
                }
            }
        }
    }

    void members_are_in_one_epoch() {
        struct Seen {
            std::string home;
            Bytes authenticator;
            std::uint64_t epoch;
            std::size_t members;
        };

        std::map<LogId, Seen> first;
        for (const Page& page : pages_) {
            if (page.row.state != ConversationState::Open) continue;
            const auto* conversation = core(page.home).conversations.load(page.row.log).value();
            const mls::Group& group = conversation->group;
            Seen seen{page.home,
                      to_bytes(group.epoch_authenticator().reveal()),
                      group.epoch().value,
                      group.roster().size()};
            const auto [there, fresh] = first.emplace(page.row.log, seen);
            const bool same = there->second.authenticator == seen.authenticator &&
                              there->second.members == seen.members;
            if (!fresh && !same) {
                blame("{} is in epoch {} and {} in epoch {} of one conversation, or apart",
                      there->second.home,
                      there->second.epoch,
                      seen.home,
                      seen.epoch);
            }
        }
    }

    [[nodiscard]] std::vector<protocol::Entry> stored(const LogId& log, protocol::Seq after) {
        std::vector<protocol::Entry> found;
        const auto looked =
            chronicle_.town().store().look([&](relay::LogTables& tables) -> Result<void> {
                TRY(const auto its, tables.find_log(log));
                if (!its) return {};
                TRY(found,
                    tables.entries(log, after.next(), its->head, 100'000, std::size_t{1} << 30U));
                return {};
            });
        CHECK(looked.has_value(), "the relay's store can be read");
        return found;
    }

    void who_is_out_reads_nothing_later() {
        for (const Page& page : pages_) {
            if (page.row.state != ConversationState::Closed) continue;
            client::Core& at = core(page.home);
            auto* conversation = at.conversations.load(page.row.log).value();
            const auto later = stored(page.row.log, conversation->seq);
            // Who leaves gives his word, and holds the keys until somebody has acted on it
            // (docs/decisions/0005).
            bool out = page.was_put_out(at.self.member);
            for (const protocol::Entry& entry : later) {
                out = out || entry.kind == protocol::EntryKind::Bundle;
                if (!out || entry.kind != protocol::EntryKind::Application) continue;
                const WallTime now = client::time_of(entry);
                const client::Judge judge(at.self.root, now);
                const auto received = conversation->group.receive(entry.payload, {judge, now});
                if (received && std::holds_alternative<mls::ApplicationMessage>(*received)) {
                    blame("{} is out and can read entry {}", page.home, entry.seq.value);
                }
            }
            at.conversations.forget(page.row.log);
        }
    }

    /// And nobody closes anything to one: no roster contains its leaf (see also
    /// who_stands_in_a_roster_has_come_in, who takes it for a stranger's).
    void everybody_knows_of_lost_phones() {
        for (const std::string& home : chronicle_.homes()) {
            client::Core& at = core(home);
            const auto holding = client::lost::holding(at.database).value();
            const auto counts = client::lost::counts(at.database).value();
            if (holding.held.value != chronicle_.lost().size() || holding.held != holding.newest) {
                blame("{} knows of {} lost phones of {}",
                      home,
                      holding.held.value,
                      chronicle_.lost().size());
            }
            if (counts.pending != 0) {
                blame("{} still writes to a lost phone in {} conversations", home, counts.pending);
            }
        }
    }

    /// Whoever reads of a file can fetch it.
    void files_are_as_they_were_sent() {
        for (const Page& page : pages_) {
            if (page.row.state != ConversationState::Open) continue;
            for (const Line& line : page.lines) {
                const auto sent = std::ranges::find_if(chronicle_.sayings(), [&](const auto& one) {
                    return !one.file.empty() && one.text == line.text;
                });
                if (sent == chronicle_.sayings().end() || !line.seq) continue;
                if (line.kind == LineKind::Text) fetch(page, line, *sent);
            }
        }
    }

    void fetch(const Page& page, const Line& line, const Saying& sent) {
        const auto out = chronicle_.desktop() / std::format("fetched-{}", ++fetched_);
        const auto fetching = chronicle_.town().play(
            page.home,
            client::Fetch{
                line.id.hex(), town::path_bytes(out), page.row.log.hex(), line.device.hex()});
        if (!fetching.done()) {
            blame("{} cannot fetch the file of \"{}\": {}",
                  page.home,
                  line.text,
                  fetching.outcome.sentence);
        } else if (town::read_file(out) != sent.file) {
            blame("{} has fetched another file than that of \"{}\"", page.home, line.text);
        }
    }

    void the_relay_verifies() {
        const auto verified = relay::verify(chronicle_.town().store());
        if (!verified) blame("the relay's store does not verify: {}", verified.error().reason.text);
    }

    Chronicle& chronicle_;
    std::vector<Page> pages_;
    std::map<LogId, std::map<protocol::Seq, Said>> said_;
    std::vector<std::string> faults_;
    std::size_t fetched_ = 0;
};

}  // namespace

std::vector<std::string> broken_laws(Chronicle& chronicle) {
    auto restless = chronicle.heal();
    if (!restless.empty()) return restless;
    return Court(chronicle).judge();
}

}  // namespace cercle::simulation
