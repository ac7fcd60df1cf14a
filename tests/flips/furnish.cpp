// SPDX-License-Identifier: AGPL-3.0-or-later

// furnish fill|kill|read FILE: what flips.py needs of a relay's store. Fills it with a circle of
// 1,000 entries and all else that a relay keeps, and closes it (fill) or is killed with commits
// left in its write-ahead log (kill); or reads it all (read): a line for each thing that is handed
// out, with its hash, and at the end whether anything was refused.

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/slab.h"
#include "crypto/hash.h"
#include "relay/trim.h"
#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

constexpr int entries = 1'000;
constexpr int conversations = 10;

class Furnishing {
  public:
    explicit Furnishing(const char* path)
        : store_(must(open_sqlite_store({path}, chance()))) {}

    void fill() {
        ask(officer_.asker(), protocol::Claim{});
        for (const Actor* actor : {&ana_, &ben_})
            ask(officer_.asker(), officer_.order(actor->admission()));
        for (Talk& talk : talks_)
            ask(ana_.asker(), talk.creation({ana_.reader_key(), ben_.reader_key()}));
        // More first, which is trimmed again: the file has pages that hold nothing.
        for (int at = 0; at < 200; ++at)
            say(talks_[0], 0);
        for (const Actor* actor : {&ana_, &ben_})
            ask(actor->reading(), protocol::Acknowledge{talks_[0].log, {200}, {0}});
        trim();
        furnish_the_rest();
        for (int at = 0; at < entries; ++at) {
            Talk& talk = talks_[static_cast<std::size_t>(at % conversations)];
            if (at % 97 == 0) {
                ask(ana_.asker(), ben_.letter("letter"));
            } else if (at % 89 == 0) {
                auto& epoch = epochs_[static_cast<std::size_t>(at % conversations)];
                ask(ana_.asker(), talk.signed_by(ana_, talk.bundle(ana_, epoch++)));
            } else {
                say(talk, epochs_[static_cast<std::size_t>(at % conversations)]);
            }
        }
    }

    /// All is in the file but some commits, which only the log has.
    void leave_in_log() {
        must(store_->give_back().has_value());
        for (int at = 0; at < 20; ++at)
            say(talks_[1], epochs_[1]);
    }

    void read() {
        bool refused = false;
        const auto looked = store_->look([&](LogTables& tables) -> Result<void> {
            const auto logs = tables.each_log([&](const Log& log) -> Result<void> {
                Seq next = log.base.next();
                while (true) {
                    const auto part = tables.entries(log.id, next, log.head, 1, 1U << 20U);
                    if (!part.has_value()) refused = true;
                    if (!part.has_value() || part->empty()) {
                        if (next >= log.head) break;
                        next = next.next();
                        continue;
                    }
                    const auto& entry = part->front();
                    std::printf("entry %s %llu %s %s\n",
                                log.id.hex().c_str(),
                                static_cast<unsigned long long>(entry.seq.value),
                                to_hex(crypto::sha256(entry.payload)).c_str(),
                                entry.chain.hex().c_str());
                    next = entry.seq.next();
                }
                return {};
            });
            if (!logs.has_value()) refused = true;
            return tables.blobs().each_blob([&](const Blob& blob) {
                return tables.blobs().each_chunk(
                    blob.id, [&](const StoredChunk& stored) -> Result<void> {
                        std::printf("chunk %s %u %s\n",
                                    blob.id.hex().c_str(),
                                    stored.number.value,
                                    to_hex(crypto::sha256(stored.chunk)).c_str());
                        return {};
                    });
            });
        });
        std::puts(refused || !looked.has_value() ? "refused" : "whole");
    }

  private:
    Answer ask(const Asker& asker, protocol::RequestBody request) {
        std::optional<Answer> answer;
        must(store_
                 ->transact([&](LogTables& tables) -> Result<void> {
                     TRY(answer, decide(tables, asker, request, now_));
                     return {};
                 })
                 .has_value());
        now_.value += 1'000;
        return *std::move(answer);
    }

    void say(Talk& talk, std::uint64_t epoch) {
        ask(ana_.asker(),
            talk.post(epoch, std::string(1'024, static_cast<char>('a' + said_++ % 26))));
    }

    void furnish_the_rest() {
        for (std::uint8_t at = 0; at < 10; ++at) {
            ask(ben_.reading(), protocol::PutKeyPackages{ben_.inbox, {Bytes(700, at)}});
        }
        ask(ana_.asker(),
            protocol::TakeKeyPackage{ben_.inbox, ben_.deposit.copy(), EntryId::random(chance())});
        const Secret token = new_token();
        const auto exchange = protocol::ExchangeId::random(chance());
        ask(officer_.asker(),
            officer_.order(protocol::OpenExchange{
                exchange, hash_of(access::Right::Exchange, token), {now_.value + 100'000'000}}));
        ask(Asker{}, protocol::PutStep{exchange, token.copy(), 0, Bytes(500, 3)});
        ask(ana_.asker(), parcel_.creation());
        ask(ana_.asker(), parcel_.put(0, 1));
        ask(ana_.asker(), parcel_.put(2, 2));
    }

    void trim() {
        Trimmed walk;
        do {
            walk = must(trim_once(*store_, Retention{}, walk.behind, now_));
        } while (walk.again);
    }

    std::unique_ptr<LogStore> store_;
    Stamp now_{1'000'000};
    Officer officer_{};
    Actor ana_{};
    Actor ben_{};
    std::array<Talk, conversations> talks_{};
    std::array<std::uint64_t, conversations> epochs_{};
    Parcel parcel_{};
    int said_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || !cercle::slab::open().has_value()) return 2;
    const std::string_view act = argv[1];
    if (act == "read") {
        auto store = open_sqlite_store({argv[2]}, chance());
        if (!store.has_value()) {
            std::puts("refused");
            return 0;
        }
        store->reset();
        Furnishing(argv[2]).read();
        return 0;
    }
    Furnishing furnishing(argv[2]);
    furnishing.fill();
    if (act == "kill") {
        furnishing.leave_in_log();
        std::raise(SIGKILL);
    }
    return 0;
}
