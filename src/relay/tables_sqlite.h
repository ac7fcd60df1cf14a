// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What may be read and written inside one transaction of the store of logs' SQLite file, or while
// it is only looked at. Private to this folder.

#include "relay/blob_sqlite.h"
#include "relay/card_sqlite.h"
#include "relay/entry_sqlite.h"
#include "relay/epoch_sqlite.h"
#include "relay/known_devices.h"
#include "relay/known_logs.h"
#include "relay/record_sqlite.h"

namespace cercle::relay {

class SqliteTables final : public LogTables {
  public:
    SqliteTables(store::Database& database,
                 store::Transaction* transaction,
                 Recent& recent,
                 KnownDevices& devices,
                 KnownLogs& logs,
                 UnlockShares* shares)
        : database_(database),
          transaction_(transaction),
          recent_(recent),
          devices_(devices),
          logs_(logs),
          blobs_(database, transaction),
          cards_(database, transaction),
          entries_(database, transaction, recent),
          epochs_(database, transaction, logs),
          records_(database, transaction),
          shares_(shares) {}

    BlobTables& blobs() override { return blobs_; }

    CardTables& cards() override { return cards_; }

    EpochTables& epochs() override { return epochs_; }

    RecordTables& records() override { return records_; }

    UnlockShares* unlock_shares() override { return shares_; }

    Result<void> attempt(const std::function<Result<void>()>& work) override;
    std::uint64_t rows_changed() override;
    Result<Identity> identity() override;
    Result<void> set_incarnation(const protocol::Incarnation& incarnation) override;
    Result<void> set_officer(const OfficerKey& key) override;
    Result<void> set_last_order(OrderNumber number, const ContentHash& content) override;
    Result<std::optional<Device>> find_device(const DeviceKey& key) override;
    Result<void> insert_device(const Device& device) override;
    Result<void> count_log_made(const DeviceKey& key) override;
    Result<void> delete_device(const DeviceKey& key) override;
    Result<std::optional<Log>> find_log(const LogId& id) override;

    std::optional<KnownLog> recall_log(const LogId& id) override { return logs_.find(id); }

    void remember_log(const KnownLog& known) override { logs_.remember(known); }

    Result<void> insert_log(const Log& log) override;
    Result<void> delete_log(const LogId& id) override;
    Result<void> set_epoch(const LogId& id, Epoch epoch) override;
    Result<void> set_deposit(const LogId& inbox, const TokenHash& deposit) override;
    Result<std::optional<Reader>> find_reader(const LogId& id, const ReaderKey& key) override;
    Result<void> put_reader(const LogId& id, const Reader& reader) override;
    Result<std::uint64_t> count_readers(const LogId& id) override;
    Result<void> append(const LogId& log,
                        const protocol::Entry& entry,
                        const EntryId& id,
                        const ContentHash& content) override;
    Result<std::vector<protocol::Entry>> entries(
        const LogId& id, Seq first, Seq last, std::size_t most, std::size_t most_bytes) override;
    Result<std::optional<Seq>> kept_by_all(const LogId& id, Stamp dropped_since) override;
    Result<std::vector<EntrySize>> first_sizes(const LogId& id, std::size_t most) override;

    Result<void> trim(const LogId& id, Seq upto) override;

    Result<std::size_t> forget_ids(const LogId& id, Seq upto, std::size_t most) override;
    Result<void> set_forgetting(const LogId& id, Seq upto, Stamp moment) override;
    Result<std::optional<Outcome>> find_outcome(const LogId& id, const EntryId& entry) override;
    Result<void> each_outcome(const LogId& id,
                              const std::function<void(const Outcome&)>& visit) override;
    Result<std::uint32_t> count_packages(const LogId& inbox) override;
    Result<bool> put_package(const LogId& inbox,
                             const ContentHash& content,
                             const Bytes& package) override;
    Result<std::optional<Bytes>> take_package(const LogId& inbox, const EntryId& taker) override;
    Result<void> drop_packages(const LogId& inbox) override;
    Result<std::optional<Exchange>> find_exchange(const ExchangeId& id) override;
    Result<void> insert_exchange(const Exchange& exchange) override;
    Result<void> contest_exchange(const ExchangeId& id) override;
    Result<void> delete_exchange(const ExchangeId& id) override;
    Result<void> delete_exchanges_until(Stamp moment) override;
    Result<std::uint64_t> count_exchanges() override;
    Result<std::optional<Bytes>> find_step(const ExchangeId& id, std::uint8_t step) override;
    Result<void> insert_step(const ExchangeId& id,
                             std::uint8_t step,
                             const Bytes& payload) override;
    Result<Counts> counts() override;
    Result<void> each_log(const std::function<Result<void>(const Log&)>& visit) override;
    Result<std::vector<Log>> logs_after(const std::optional<LogId>& id, std::size_t most) override;

  private:
    [[nodiscard]] store::Transaction& writing() const;

    template <class... Value>
    Result<std::uint64_t> count(store::Sql sql, const Value&... values);

    template <class... Value>
    Result<void> visit_logs(const std::function<Result<void>(const Log&)>& visit,
                            store::Sql sql,
                            const Value&... values);

    Result<void> visit_logs_after(const std::optional<LogId>& id,
                                  std::size_t most,
                                  const std::function<Result<void>(const Log&)>& visit);

    Result<void> forget_old_packages(const LogId& inbox);

    store::Database& database_;
    store::Transaction* transaction_;
    Recent& recent_;
    KnownDevices& devices_;
    KnownLogs& logs_;
    SqliteBlobs blobs_;
    SqliteCards cards_;
    SqliteEntries entries_;
    SqliteEpochs epochs_;
    SqliteRecords records_;
    UnlockShares* shares_;
};

}  // namespace cercle::relay
