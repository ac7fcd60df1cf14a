// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A device that comes back and hears what a hostile relay and a hostile member have for it. It
// must not end, and it must not lose anything that it had.
//
// The bytes are a script (script.h). Lines by the member are encrypted and signed as only a member
// can.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "access/label.h"
#include "client/courier.h"
#include "client/uploader.h"
#include "envelope/epoch_rights.h"
#include "envelope/inbox_letter.h"
#include "tests/fuzz/hostile_relay.h"
#include "tests/fuzz/script.h"
#include "tests/stage/absent.h"

namespace {

using namespace cercle;
using fuzz::Committed;
using fuzz::HostileRelay;
using fuzz::Line;
using fuzz::Log;
using fuzz::must_hold;
using fuzz::Written;
using protocol::Entry;
using protocol::EntryKind;
using stage::absence;
using stage::Awake;

/// Alice's group, from which she speaks; a new one for each script.
class Alice {
  public:
    Alice()
        : conversation_(*must(awake().core().conversations.load(absence().group.log))),
          group_(copy_of(conversation_.group)) {}

    [[nodiscard]] Entry text(const Written& written) {
        const mls::Epoch epoch = group_.epoch();
        Entry entry = entry_of(EntryKind::Application, epoch.value + written.epochs_further);
        if (written.filed_as != 0) entry.kind = static_cast<EntryKind>(written.filed_as);
        entry.payload = must(group_.protect(written.content, written.seen, 0, awake().random));
        return entry;
    }

    [[nodiscard]] Entry commit(Committed committed) {
        protocol::Bundle& bundle = committed.bundle;
        auto staged = must(group_.stage_commit({}, {}, awake().random));
        if ((committed.kept & fuzz::Names) == 0) {
            bundle.log = absence().group.log;
            bundle.epoch = {group_.epoch().value};
            bundle.author = client::public_id<protocol::ReaderKey>(conversation_.reader);
        }
        if ((committed.kept & fuzz::CommitBytes) == 0) bundle.commit = staged.commit;
        if ((committed.kept & fuzz::Verifier) == 0) {
            bundle.next = envelope::rights_of(staged.next).verifier();
        }
        if ((committed.kept & fuzz::Readers) == 0) {
            bundle.readers_added.clear();
            bundle.readers_dropped.clear();
        }
        Entry entry = entry_of(EntryKind::Bundle, bundle.epoch.value);
        const Bytes bytes = codec::encode(bundle);
        entry.payload = codec::encode(protocol::SignedBundle{
            bytes,
            access::sign(envelope::rights_of(group_).bundle_key, access::Label::BundleEpoch, bytes),
            access::sign(conversation_.reader, access::Label::BundleAuthor, bytes)});
        if (committed.kept == 0) must(group_.merge(std::move(staged)));
        return entry;
    }

    static Entry letter(const client::Self& to, const envelope::WelcomeLetter& letter) {
        Entry entry = entry_of(EntryKind::Deposit, 0);
        entry.payload = envelope::close_letter(
            identity::inbox_keys(to.inbox_secret).closing_key, letter, awake().random);
        return entry;
    }

  private:
    static Awake& awake() {
        static Awake alice(absence().alice, "alice");
        return alice;
    }

    static mls::Group copy_of(const mls::Group& group) {
        const mls::Saved saved = group.save();
        return must(mls::Group::load(
            saved.public_part, saved.secret_part, awake().core().self.signature_key));
    }

    static Entry entry_of(EntryKind kind, std::uint64_t epoch) {
        Entry entry{};
        entry.kind = kind;
        entry.epoch = {epoch};
        entry.stamp = {static_cast<std::uint64_t>(absence().now.time_since_epoch().count())};
        return entry;
    }

    client::Conversation& conversation_;
    mls::Group group_;
};

/// Reads a script, and has the relay act on it.
class Director {
  public:
    Director(HostileRelay& relay, const client::Self& bertrand)
        : relay_(relay),
          bertrand_(bertrand) {}

    void direct(BytesView script) {
        codec::Reader reader(script);
        while (true) {
            const auto line = reader.number<std::uint8_t>();
            const auto text = line ? reader.opaque() : Result<BytesView>(BytesView{});
            if (!line || !text) return;
            take(static_cast<Line>(*line), *text);
        }
    }

  private:
    void take(Line line, BytesView text) {
        switch (line) {
            case Line::Frame:
                relay_.said.emplace_back(to_bytes(text));
                break;
            case Line::Answer:
                with<protocol::ResponseBody>(
                    text, [this](auto body) { relay_.said.emplace_back(std::move(body)); });
                break;
            case Line::News:
                relay_.news.push_back(to_bytes(text));
                break;
            case Line::GroupEntry:
                with<Entry>(text, [this](Entry entry) { add(group(), std::move(entry)); });
                break;
            case Line::InboxEntry:
                with<Entry>(text, [this](Entry entry) { add(bertrand_.inbox, std::move(entry)); });
                break;
            case Line::StrayEntry:
                with<Entry>(text, [this](Entry entry) {
                    relay_.logs[group()].append(group(), std::move(entry), Log::Place::AsItSays);
                });
                break;
            case Line::Genuine:
                if (!text.empty()) add_genuine(text[0]);
                break;
            case Line::Text:
                with<Written>(text,
                              [this](const Written& one) { add(group(), alice().text(one)); });
                break;
            case Line::Commit:
                with<Committed>(
                    text, [this](Committed one) { add(group(), alice().commit(std::move(one))); });
                break;
            case Line::Letter:
                with<envelope::WelcomeLetter>(text, [this](const auto& one) {
                    add(bertrand_.inbox, Alice::letter(bertrand_, one));
                });
                break;
        }
    }

    template <class Wanted, class Use>
    static void with(BytesView text, const Use& use) {
        if (auto decoded = codec::decode<Wanted>(text)) use(*std::move(decoded));
    }

    static protocol::LogId group() { return absence().group.log; }

    void add(protocol::LogId log, Entry entry) { relay_.logs[log].append(log, std::move(entry)); }

    void add_genuine(std::uint8_t which) {
        const auto& unread =
            *std::array{&absence().group, &absence().directory, &absence().inbox}.at(which % 3U);
        std::size_t& next = genuine_[unread.log];
        if (next < unread.entries.size()) add(unread.log, unread.entries[next++]);
    }

    Alice& alice() {
        if (!alice_) alice_.emplace();
        return *alice_;
    }

    HostileRelay& relay_;
    const client::Self& bertrand_;
    std::map<protocol::LogId, std::size_t> genuine_;
    std::optional<Alice> alice_;
};

/// Everything that may never be lost again.
struct Possessions {
    /// What is said, by conversation and id.
    std::set<std::tuple<protocol::LogId, envelope::MessageId, std::string>> lines;
    std::set<std::pair<envelope::MessageId, protocol::BlobId>> files;
    std::map<protocol::LogId, protocol::Seq> read;
    std::int64_t people = 0;
    /// Messages of his own that nobody will get, though he is in their conversations.
    std::int64_t given_up = 0;

    static Possessions of(client::Core& core) {
        Possessions found;
        for (auto& row : must(core.database.all<protocol::LogId, envelope::MessageId, std::string>(
                 "SELECT log, id, text FROM timeline WHERE kind = 0"))) {
            found.lines.insert(std::move(row));
        }
        for (const auto& [id, blob] : must(core.database.all<envelope::MessageId, protocol::BlobId>(
                 "SELECT a.id, a.blob FROM attachments a WHERE NOT EXISTS"
                 " (SELECT 1 FROM uploads u WHERE u.message = a.id)"))) {
            found.files.emplace(id, blob);
        }
        for (const auto& row : must(core.conversations.all())) {
            // From the vault and not from memory.
            core.conversations.forget(row.log);
            found.read.emplace(row.log, must(core.conversations.load(row.log))->seq);
        }
        found.people = count(core,
                             "SELECT (SELECT count(*) FROM members) + (SELECT count(*) FROM"
                             " devices)");
        found.given_up = count(core,
                               "SELECT count(*) FROM timeline t JOIN conversations c"
                               " ON c.log = t.log WHERE t.state = 3 AND c.state <> 2");
        return found;
    }

    static std::int64_t count(client::Core& core, store::Sql sql) {
        return std::get<0>(*must(core.database.one<std::int64_t>(sql)));
    }

    [[nodiscard]] bool are_among(const Possessions& later) const {
        if (later.people < people || later.given_up != 0) return false;
        if (!std::ranges::includes(later.lines, lines)) return false;
        if (!std::ranges::includes(later.files, files)) return false;
        return std::ranges::all_of(read, [&](const auto& one) {
            const auto found = later.read.find(one.first);
            return found != later.read.end() && found->second >= one.second;
        });
    }
};

/// Bertrand's device, which learns to know the relay of these scripts.
struct Bertrand {
    Awake awake{absence().bertrand, "bertrand"};
    vectors::SeededRandom random{2};
    net::ServerIdentity identity = net::ServerIdentity::generate(random);
    Possessions had = (fit(), Possessions::of(awake.core()));
    std::map<protocol::LogId, Log> logs = known_logs();

    void fit() {
        awake.core().self.relay = "relay:7443";
        awake.core().self.relay_key.bytes = identity.key().bytes;
    }

    std::map<protocol::LogId, Log> known_logs() {
        client::Core& core = awake.core();
        std::map<protocol::LogId, Log> known;
        for (const auto& [log, seq] : had.read) {
            known[log] = {seq, must(core.conversations.load(log))->chain, {}};
        }
        const auto [seq, chain] = *must(core.database.one<protocol::Seq, protocol::ChainHash>(
            "SELECT inbox_seq, inbox_chain FROM self"));
        known[core.self.inbox] = {seq, chain, {}};
        return known;
    }

    void hear(BytesView script) {
        HostileRelay relay(awake.loop, awake.network, identity);
        relay.logs = logs;
        Director(relay, awake.core().self).direct(script);
        net::TaskGroup tasks(awake.loop, awake.diary);
        client::Courier courier(awake.core());
        client::Uploader uploader(awake.core(), courier);
        must(tasks.spawn(relay.run()));
        must(tasks.spawn(courier.run()));
        must(tasks.spawn(uploader.run()));
        awake.loop.run_for(std::chrono::seconds{90});
        must_hold(awake.loop.run_until(tasks.close()).has_value());
    }
};

Bertrand& bertrand() {
    static Bertrand one;
    return one;
}

}  // namespace

// A circle has to live for a while first, which is no input's fault.
extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
    bertrand();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bertrand().hear({data, size});
    if (!bertrand().awake.has_written()) return 0;
    must_hold(bertrand().had.are_among(Possessions::of(bertrand().awake.core())));
    bertrand().awake.wake_again();
    bertrand().fit();
    return 0;
}
