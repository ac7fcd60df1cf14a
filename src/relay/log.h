// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The store of logs: everything that a relay keeps, and all that its decisions see of a
// database. On the trip: after intake, before fan-out.
//
//     LogStore   begins a transaction over all logs at once, commits it to disk, or undoes it
//     LogTables  what may be read and written inside one
//
// Nothing here knows people, and nothing says which device is in which conversation: a log has
// readers' keys and hashes of tokens, a device has an inbox and a count. The format is
// docs/spec/relay-store.md. A store and its tables are used by one thread at a time.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "protocol/frames.h"
#include "relay/blob_tables.h"
#include "relay/card_tables.h"
#include "relay/epoch_tables.h"
#include "relay/record_tables.h"
#include "relay/unlock_shares.h"

namespace cercle::relay {

using protocol::ChainHash;
using protocol::EntryId;
using protocol::ExchangeId;
using protocol::OfficerKey;
using protocol::OrderNumber;

/// There is one of it.
struct Identity {
    protocol::Incarnation incarnation;
    std::optional<OfficerKey> officer;  // once a circle has claimed the relay
    OrderNumber last_order;             // 0: none yet
    ContentHash last_order_content;
};

struct Device {
    DeviceKey key;
    LogId inbox;
    std::uint64_t logs_made = 0;  // how many, never which
};

enum class LogKind : std::uint8_t { Conversation = 1, Inbox = 2 };

/// Until when entries are kept: until all readers have acknowledged them or their retention ends,
/// or (records) until their retention ends and not before.
enum class Keeping : std::uint8_t { UntilAcknowledged = 0, Recorded = 1 };

struct Log {
    LogId id;
    LogKind kind;
    Seq head;         // of the last entry; 0: empty
    ChainHash chain;  // after the last entry
    Epoch epoch;
    std::uint64_t bytes = 0;           // of all payloads
    std::optional<TokenHash> deposit;  // an inbox's
    ContentHash founding;              // of what made it
    /// The log begins after this entry, which is gone with all before it; 0: nothing is gone.
    Seq base{};
    ChainHash base_chain{};  // after it
    Epoch base_epoch{};      // the newest that had begun by then
    /// The ids of the entries up to there are forgotten from that moment on; 0: none are to be.
    Seq forgets{};
    Stamp forgets_at{};
    Keeping keeping = Keeping::UntilAcknowledged;
};

/// A conversation as it stands, and what gave the right to append to it in its newest epoch.
struct KnownLog {
    Log log;
    Epoch epoch;
    TokenHash token;
};

/// Reads from `since` on, up to `dropped_at` if that is set.
struct Reader {
    ReaderKey key;
    Seq since;
    std::optional<Seq> dropped_at;
    Seq acknowledged{};  // it has kept everything up to there; 0: it has said nothing yet
    Seq follows{};       // the last bundle that it follows; 0: the log's founding
};

/// What trimming needs to know of an entry.
struct EntrySize {
    Seq seq;
    Stamp stamp;
    std::uint64_t bytes = 0;  // of its payload
};

/// What became of an id.
struct Outcome {
    ContentHash content;
    Seq seq;
};

struct Exchange {
    ExchangeId id;
    TokenHash token;
    Stamp until;
    bool contested = false;
};

/// How much there is of everything.
struct Counts {
    std::uint64_t devices = 0;
    std::uint64_t conversations = 0;
    std::uint64_t inboxes = 0;
    std::uint64_t entries = 0;
    std::uint64_t packages = 0;
    std::uint64_t exchanges = 0;
    std::uint64_t blobs = 0;
    std::uint64_t chunks = 0;
    std::uint64_t cards = 0;
};

class LogTables {
  public:
    LogTables() = default;
    LogTables(const LogTables&) = delete;
    LogTables& operator=(const LogTables&) = delete;
    virtual ~LogTables() = default;

    /// What is kept of files, in the same transaction.
    [[nodiscard]] virtual BlobTables& blobs() = 0;
    /// And of the tree of records.
    [[nodiscard]] virtual RecordTables& records() = 0;
    /// What is kept of conversations' epochs, likewise.
    [[nodiscard]] virtual EpochTables& epochs() = 0;
    /// What is kept of cards, likewise.
    [[nodiscard]] virtual CardTables& cards() = 0;
    /// Unlock shares, which are no part of this transaction; none where a relay keeps none.
    [[nodiscard]] virtual UnlockShares* unlock_shares() = 0;

    /// Runs `work`; if that fails, undoes what it wrote, and nothing else. Not nested.
    virtual Result<void> attempt(const std::function<Result<void>()>& work) = 0;

    /// How many rows were written since the store was opened: whether work has written anything.
    [[nodiscard]] virtual std::uint64_t rows_changed() = 0;

    [[nodiscard]] virtual Result<Identity> identity() = 0;
    virtual Result<void> set_incarnation(const protocol::Incarnation& incarnation) = 0;
    virtual Result<void> set_officer(const OfficerKey& key) = 0;
    virtual Result<void> set_last_order(OrderNumber number, const ContentHash& content) = 0;

    [[nodiscard]] virtual Result<std::optional<Device>> find_device(const DeviceKey& key) = 0;
    virtual Result<void> insert_device(const Device& device) = 0;
    virtual Result<void> count_log_made(const DeviceKey& key) = 0;
    /// The device alone; its inbox is a log and goes by delete_log.
    virtual Result<void> delete_device(const DeviceKey& key) = 0;

    [[nodiscard]] virtual Result<std::optional<Log>> find_log(const LogId& id) = 0;

    /// What was remembered of it, if nothing has changed since but by appending, and that is
    /// counted in. Costs the same whether something is; and something need not be.
    [[nodiscard]] virtual std::optional<KnownLog> recall_log(const LogId& /*id*/) { return {}; }

    virtual void remember_log(const KnownLog& /*known*/) {}

    /// Errors: already_exists.
    virtual Result<void> insert_log(const Log& log) = 0;
    /// With its entries, outcomes, epochs, readers, packages and cards.
    virtual Result<void> delete_log(const LogId& id) = 0;
    virtual Result<void> set_epoch(const LogId& id, Epoch epoch) = 0;

    /// Of an inbox.
    virtual Result<void> set_deposit(const LogId& inbox, const TokenHash& deposit) = 0;

    [[nodiscard]] virtual Result<std::optional<Reader>> find_reader(const LogId& id,
                                                                    const ReaderKey& key) = 0;
    /// Replaces what the key could read before, and what it has said of it.
    virtual Result<void> put_reader(const LogId& id, const Reader& reader) = 0;
    /// How many may read at present.
    [[nodiscard]] virtual Result<std::uint64_t> count_readers(const LogId& id) = 0;

    /// Appends, and moves the log's head, chain and bytes. From then on `id`, which find_outcome
    /// does not know yet, stands for the entry and its content_hash (chain.h). Errors:
    /// already_exists, when `entry` does not come right after the head.
    virtual Result<void> append(const LogId& log,
                                const protocol::Entry& entry,
                                const EntryId& id,
                                const ContentHash& content) = 0;
    /// Entries from `first` to `last`, in order, until the next would make their payloads more
    /// than `most_bytes` or their number more than `most`; at least one if there is one.
    [[nodiscard]] virtual Result<std::vector<protocol::Entry>> entries(
        const LogId& id, Seq first, Seq last, std::size_t most, std::size_t most_bytes) = 0;

    /// The smallest position up to which no reader needs anything any more: what it has
    /// acknowledged, or what lies before its time. Whoever was dropped counts until it has
    /// acknowledged that, and no longer than its removal is stamped at or after `dropped_since`.
    /// Nothing if nobody counts.
    [[nodiscard]] virtual Result<std::optional<Seq>> kept_by_all(const LogId& id,
                                                                 Stamp dropped_since) = 0;
    /// Of the first entries there are, in order.
    [[nodiscard]] virtual Result<std::vector<EntrySize>> first_sizes(const LogId& id,
                                                                     std::size_t most) = 0;
    /// Takes away all entries up to `upto`, which is one of them; the log begins after it from then
    /// on. What ids stand for stays. Errors: store_corrupt, if there is no such entry.
    virtual Result<void> trim(const LogId& id, Seq upto) = 0;
    /// Forgets at most so many ids of entries up to `upto`. How many it has forgotten.
    virtual Result<std::size_t> forget_ids(const LogId& id, Seq upto, std::size_t most) = 0;
    /// Which ids are to be forgotten next, and when.
    virtual Result<void> set_forgetting(const LogId& id, Seq upto, Stamp moment) = 0;

    [[nodiscard]] virtual Result<std::optional<Outcome>> find_outcome(const LogId& id,
                                                                      const EntryId& entry) = 0;
    /// Calls `visit` for every outcome of a log, in any order.
    virtual Result<void> each_outcome(const LogId& id,
                                      const std::function<void(const Outcome&)>& visit) = 0;

    /// Those that nobody took yet.
    [[nodiscard]] virtual Result<std::uint32_t> count_packages(const LogId& inbox) = 0;
    /// False if it was put there before, even if somebody has taken it since.
    [[nodiscard]] virtual Result<bool> put_package(const LogId& inbox,
                                                   const ContentHash& content,
                                                   const Bytes& package) = 0;
    /// The one that `taker` took before, or the oldest left; nothing if none is.
    [[nodiscard]] virtual Result<std::optional<Bytes>> take_package(const LogId& inbox,
                                                                    const EntryId& taker) = 0;
    /// Those that nobody took yet.
    virtual Result<void> drop_packages(const LogId& inbox) = 0;

    [[nodiscard]] virtual Result<std::optional<Exchange>> find_exchange(const ExchangeId& id) = 0;
    virtual Result<void> insert_exchange(const Exchange& exchange) = 0;
    virtual Result<void> contest_exchange(const ExchangeId& id) = 0;
    /// With its steps.
    virtual Result<void> delete_exchange(const ExchangeId& id) = 0;
    virtual Result<void> delete_exchanges_until(Stamp moment) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> count_exchanges() = 0;
    [[nodiscard]] virtual Result<std::optional<Bytes>> find_step(const ExchangeId& id,
                                                                 std::uint8_t step) = 0;
    virtual Result<void> insert_step(const ExchangeId& id,
                                     std::uint8_t step,
                                     const Bytes& payload) = 0;

    [[nodiscard]] virtual Result<Counts> counts() = 0;
    /// Calls `visit` for every log, in the order of their ids.
    virtual Result<void> each_log(const std::function<Result<void>(const Log&)>& visit) = 0;
    /// At most so many logs behind one, in the order of their ids; from the first on if none is
    /// named.
    [[nodiscard]] virtual Result<std::vector<Log>> logs_after(const std::optional<LogId>& id,
                                                              std::size_t most) = 0;
};

/// A copy of a store that is being made. Destroyed unfinished, it leaves nothing behind.
class StoreCopy {
  public:
    enum class Progress : std::uint8_t { More, Finished };

    StoreCopy() = default;
    StoreCopy(const StoreCopy&) = delete;
    StoreCopy& operator=(const StoreCopy&) = delete;
    virtual ~StoreCopy() = default;

    /// One piece. Outside of any work. Once finished, the copy is on disk, and lacks what no copy
    /// may hold. Errors: those of the disk.
    [[nodiscard]] virtual Result<Progress> next() = 0;
};

class LogStore {
  public:
    using Work = std::function<Result<void>(LogTables&)>;

    LogStore() = default;
    LogStore(const LogStore&) = delete;
    LogStore& operator=(const LogStore&) = delete;
    virtual ~LogStore() = default;

    /// Runs `work` in one transaction. When this returns well, all of it is on disk; when it
    /// fails (by `work` or by the disk), none of it ever happened.
    virtual Result<void> transact(const Work& work) = 0;

    /// Runs `work`, which only reads, without waiting for a disk to sync.
    virtual Result<void> look(const Work& work) = 0;

    /// Moves what recent transactions have written to its final place, if it has become much.
    /// Outside of any work, and of every answer's way.
    virtual Result<void> put_away() = 0;

    /// Gives some of the room that deletions have freed back to the disk. Outside of any work.
    virtual Result<void> give_back() = 0;

    /// What the database itself can tell of its health; outside of any work. Errors: store_corrupt,
    /// disk_fault.
    virtual Result<void> check_integrity() = 0;

    /// Begins a copy into a file that is not there yet. The store is used as always between its
    /// pieces, and outlives it; what is committed before the last piece is in the copy. Errors:
    /// unsupported (a store that its own tools copy), already_exists, and those of the disk.
    [[nodiscard]] virtual Result<std::unique_ptr<StoreCopy>> begin_copy(
        const std::filesystem::path& /*target*/) {
        return fail(Code::unsupported, "this kind of store is copied by its own tools");
    }

    /// Whether what an earlier process had committed was whole when the store was opened.
    /// Errors: store_corrupt, if its last commit was torn by a power cut, or is damaged.
    virtual Result<void> check_opening() { return {}; }
};

}  // namespace cercle::relay
