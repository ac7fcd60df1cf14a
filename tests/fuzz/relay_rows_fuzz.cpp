// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A relay's store in which something is not as the relay wrote it: one column of one table, or
// some bytes of the file. It is found damaged or it is not, and requests are answered or refused;
// nothing ends the relay. The first byte says which column, beyond the last: bytes of the file.
#include <array>
#include <span>

#include "relay/verify.h"
#include "store/simulated_disk.h"
#include "store/transaction.h"
#include "tests/fuzz/round_trip.h"
#include "tests/stage/calling.h"
#include "tests/stage/locked.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using fuzz::must_hold;

constexpr std::array<store::Sql, 22> blobs{
    "UPDATE relay SET incarnation = ?1",  "UPDATE relay SET officer = ?1",
    "UPDATE relay SET last_content = ?1", "UPDATE devices SET inbox = ?1",
    "UPDATE logs SET chain = ?1",         "UPDATE logs SET deposit = ?1",
    "UPDATE verifiers SET token = ?1",    "UPDATE verifiers SET bundle = ?1",
    "UPDATE entries SET payload = ?1",    "UPDATE entries SET chain = ?1",
    "UPDATE outcomes SET content = ?1",   "UPDATE packages SET package = ?1",
    "UPDATE blobs SET get = ?1",          "UPDATE chunks SET content = ?1",
    "UPDATE chunks SET chunk = ?1",       "UPDATE cards SET inbox = ?1",
    "UPDATE cards SET secret = ?1",       "UPDATE cards SET terms = ?1",
    "UPDATE cards SET holder = ?1",       "UPDATE cards SET digest = ?1",
    "UPDATE misuses SET card = ?1",       "UPDATE misuses SET digest = ?1"};

constexpr std::array<store::Sql, 34> numbers{"UPDATE relay SET last_order = ?1",
                                             "UPDATE devices SET logs_made = ?1",
                                             "UPDATE logs SET head = ?1",
                                             "UPDATE logs SET epoch = ?1",
                                             "UPDATE logs SET bytes = ?1",
                                             "UPDATE verifiers SET epoch = ?1",
                                             "UPDATE readers SET since = ?1",
                                             "UPDATE readers SET dropped_at = ?1",
                                             "UPDATE entries SET epoch = ?1",
                                             "UPDATE entries SET stamp = ?1",
                                             "UPDATE outcomes SET seq = ?1",
                                             "UPDATE exchanges SET until = ?1",
                                             "UPDATE relay SET places = ?1",
                                             "UPDATE devices SET places = ?1",
                                             "UPDATE blobs SET chunks = ?1",
                                             "UPDATE blobs SET filled = ?1",
                                             "UPDATE blobs SET until = ?1",
                                             "UPDATE chunks SET number = ?1",
                                             "UPDATE cards SET day = ?1",
                                             "UPDATE cards SET used = ?1",
                                             "UPDATE misuses SET why = ?1",
                                             "UPDATE misuses SET count = ?1",
                                             "UPDATE readers SET acknowledged = ?1",
                                             "UPDATE readers SET follows = ?1",
                                             "UPDATE logs SET base = ?1",
                                             "UPDATE logs SET base_epoch = ?1",
                                             "UPDATE logs SET forgets = ?1",
                                             "UPDATE logs SET recorded = ?1",
                                             "UPDATE relay SET records = ?1",
                                             "UPDATE record_nodes SET number = ?1",
                                             "UPDATE records SET number = ?1",
                                             "UPDATE verifiers SET candidate = ?1",
                                             "UPDATE verifiers SET parent = ?1",
                                             "UPDATE verifiers SET ended = ?1"};

constexpr std::array<store::Sql, 6> share_blobs{"UPDATE tally SET life = ?1",
                                                "UPDATE shares SET device = ?1",
                                                "UPDATE shares SET key = ?1",
                                                "UPDATE shares SET share = ?1",
                                                "UPDATE shares SET asked = ?1",
                                                "UPDATE shares SET digest = ?1"};

constexpr std::array<store::Sql, 4> share_numbers{"UPDATE tally SET changes = ?1",
                                                  "UPDATE shares SET wrong = ?1",
                                                  "UPDATE shares SET last = ?1",
                                                  "UPDATE shares SET became = ?1"};

constexpr const char* path = "/relay.db";
constexpr const char* shares_path = "/shares.db";

/// A small relay on a disk in memory, at rest.
struct House {
    vectors::SeededRandom random{1};
    store::SimulatedDisk disk{random};
    Officer officer{};
    Actor ana{};
    Talk talk{};
    Talk minutes{};
    Parcel parcel{};
    Ticket card{ana.inbox};
    Visitor zoe{};
    Locked phone{};
    store::SimulatedDisk::Image image = made();

    std::unique_ptr<LogStore> open() {
        auto file = open_sqlite_shares(disk.place(shares_path), random);
        if (!file) return nullptr;
        auto shares =
            UnlockShares::open(*std::move(file), std::make_unique<FileAnchor>(disk, "/anchor"));
        if (!shares) return nullptr;
        auto store = open_sqlite_store(disk.place(path), random, *std::move(shares));
        return store ? *std::move(store) : nullptr;
    }

    static Result<void> ask(LogStore& store,
                            const Asker& asker,
                            const protocol::RequestBody& body) {
        return store.transact([&](LogTables& tables) -> Result<void> {
            TRY_VOID(decide(tables, asker, body, Stamp{1'000'000}));
            return {};
        });
    }

    std::vector<std::pair<Asker, protocol::RequestBody>> requests() {
        std::vector<std::pair<Asker, protocol::RequestBody>> all;
        all.emplace_back(officer.asker(), protocol::Claim{});
        all.emplace_back(officer.asker(), officer.numbered(1, ana.admission()));
        all.emplace_back(ana.asker(), talk.creation({ana.reader_key()}));
        all.emplace_back(ana.asker(), talk.post(0, "first"));
        all.emplace_back(ana.asker(), talk.signed_by(ana, talk.bundle(ana, 0)));
        all.emplace_back(ana.asker(), talk.post(1, "second"));
        all.emplace_back(ana.asker(), ana.letter("letter"));
        all.emplace_back(ana.reading(),
                         protocol::PutKeyPackages{ana.inbox, {to_bytes("a"), to_bytes("b")}});
        all.emplace_back(ana.asker(), protocol::TakeKeyPackage{ana.inbox, ana.deposit.copy(), {}});
        all.emplace_back(ana.asker(), ana.opening(talk.log));
        all.emplace_back(ana.reading(), protocol::Read{talk.log, {0}});
        all.emplace_back(ana.reading(), protocol::Acknowledge{talk.log, {3}, {2}});
        all.emplace_back(officer.asker(),
                         officer.numbered(2, protocol::OpenExchange{{}, {}, {2'000'000}}));
        all.emplace_back(ana.asker(), parcel.creation());
        all.emplace_back(ana.asker(), parcel.put(0, 7));
        all.emplace_back(ana.asker(), parcel.get(0));
        all.emplace_back(
            ana.asker(),
            protocol::CreateRecordedLog{minutes.log, minutes.verifier(0), {ana.reader_key()}});
        all.emplace_back(ana.asker(), minutes.post(0, "minute"));
        all.emplace_back(ana.asker(), protocol::GetCheckpoint{});
        all.emplace_back(ana.reading(), protocol::ProveRecord{minutes.log, {1}, {1}});
        all.emplace_back(ana.asker(), protocol::ProveGrowth{{0}, {1}});
        all.emplace_back(ana.reading(), card.put());
        all.emplace_back(zoe.asker(), card.claim("claim"));
        all.emplace_back(Visitor{}.asker(), card.use("misuse"));
        all.emplace_back(ana.reading(), card.bind(ana, zoe));
        all.emplace_back(zoe.asker(), card.use("letter"));
        all.emplace_back(ana.reading(), protocol::ListCards{ana.inbox, {}});
        all.emplace_back(ana.asker(), phone.request());
        all.emplace_back(phone.asker(), phone.guess_at("wrong"));
        return all;
    }

    store::SimulatedDisk::Image made() {
        {
            const auto store = open();
            for (const auto& [asker, body] : requests())
                must(ask(*store, asker, body));
            must(relay::verify(*store).has_value());
        }
        return disk.image();
    }
};

void change_bytes(House& house, BytesView bytes) {
    auto image = house.image;
    Bytes& file = image.at(path);
    codec::Reader reader(bytes);
    while (!reader.at_end()) {
        const auto at = reader.number<std::uint32_t>();
        const auto value = reader.number<std::uint8_t>();
        if (!at || !value) break;
        file[*at % file.size()] = *value;
    }
    house.disk.restore(image);
}

constexpr std::size_t all_of_logs = blobs.size() + numbers.size();
constexpr std::size_t all_of_shares = share_blobs.size() + share_numbers.size();

bool change_in(House& house,
               const char* file,
               std::span<const store::Sql> of_bytes,
               std::span<const store::Sql> of_numbers,
               std::size_t column,
               BytesView bytes) {
    store::Place place = house.disk.place(file);
    place.pages = store::Pages::Checked;
    auto database = must(store::Database::open(place));
    auto transaction = must(database.begin());
    Result<void> changed;
    if (column < of_bytes.size()) {
        changed = transaction.run(of_bytes[column], bytes);
    } else {
        codec::Reader reader(bytes);
        const auto number = reader.number<std::uint64_t>();
        if (!number) return false;
        changed = transaction.run(of_numbers[column - of_bytes.size()],
                                  static_cast<std::int64_t>(*number));
    }
    return changed.has_value() && std::move(transaction).commit().has_value();
}

/// False if the database itself will not have it.
bool change_column(House& house, std::size_t column, BytesView bytes) {
    house.disk.restore(house.image);
    if (column < all_of_logs) return change_in(house, path, blobs, numbers, column, bytes);
    return change_in(house, shares_path, share_blobs, share_numbers, column - all_of_logs, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static House house;
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    if (data[0] >= all_of_logs + all_of_shares) {
        change_bytes(house, bytes);
    } else if (!change_column(house, data[0], bytes)) {
        return 0;
    }
    const auto store = house.open();
    if (store == nullptr) return 0;
    static_cast<void>(relay::verify(*store).has_value());
    for (const auto& [asker, body] : house.requests()) {
        static_cast<void>(House::ask(*store, asker, body).has_value());
    }
    return 0;
}
