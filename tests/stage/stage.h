// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Stage: a store in a directory of its own, and the people of a play: an officer, devices,
// conversations with their epochs' keys. For tests of several folders, and for fuzz targets:
// no Catch2.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "access/label.h"
#include "access/token.h"
#include "codec/tls.h"
#include "crypto/random.h"
#include "crypto/sign.h"
#include "relay/decide.h"
#include "relay/log_sqlite.h"
#include "relay/share_sqlite.h"
#include "tests/must.h"

namespace cercle::relay::stage {

using crypto::SigningKey;

inline crypto::SystemRandom& chance() {
    static crypto::SystemRandom random;
    return random;
}

inline SigningKey new_key() {
    return SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, chance());
}

template <class Key>
Key as(const SigningKey& key) {
    return *Key::from(key.public_key());
}

inline Secret new_token() {
    Secret token(access::token_size);
    chance().fill(token.expose());
    return token;
}

inline TokenHash hash_of(access::Right right, const Secret& token) {
    return {access::token_hash(right, token)};
}

/// A directory of mode 0700, gone with it.
class Directory {
  public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "cercle-XXXXXX").string();
        must(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }

    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    [[nodiscard]] store::Place place(const char* file = "relay.db") const {
        return {path_ / file, {}, store::Pages::Checked};
    }

    /// With unlock shares, which have no anchor.
    [[nodiscard]] std::unique_ptr<LogStore> open_store() const {
        auto shares = must(open_sqlite_shares({path_ / "shares.db"}, chance()));
        return must(open_sqlite_store(
            {path_ / "relay.db"}, chance(), must(UnlockShares::open(std::move(shares), nullptr))));
    }

  private:
    std::filesystem::path path_;
};

/// A member's device.
struct Actor {
    SigningKey key = new_key();
    SigningKey reader = new_key();
    LogId inbox = LogId::random(chance());
    Secret deposit = new_token();

    [[nodiscard]] DeviceKey device_key() const { return as<DeviceKey>(key); }

    [[nodiscard]] ReaderKey reader_key() const { return as<ReaderKey>(reader); }

    [[nodiscard]] Asker asker() const {
        Asker asker;
        asker.kind = Asker::Kind::Device;
        asker.device = device_key();
        return asker;
    }

    /// The same, having opened a log under its reader key.
    [[nodiscard]] Asker reading() const {
        Asker reading = asker();
        reading.reader = reader_key();
        return reading;
    }

    /// Something for this device's inbox.
    [[nodiscard]] protocol::Deposit letter(std::string_view text) const {
        return {inbox, deposit.copy(), {EntryId::random(chance()), to_bytes(text)}};
    }

    [[nodiscard]] protocol::AdmitDevice admission() const {
        return {device_key(), inbox, hash_of(access::Right::Deposit, deposit), reader_key()};
    }

    [[nodiscard]] protocol::OpenLog opening(
        const LogId& log, const std::array<std::uint8_t, 32>& binding = {}) const {
        const Bytes statement = codec::encode(protocol::ReaderStatement{binding, log});
        return {log, reader_key(), access::sign(reader, access::Label::Reader, statement)};
    }
};

struct Officer {
    SigningKey key = new_key();
    std::uint64_t last = 0;

    [[nodiscard]] Asker asker() const {
        Asker asker;
        asker.kind = Asker::Kind::Officer;
        asker.officer = as<OfficerKey>(key);
        return asker;
    }

    template <class Act>
    [[nodiscard]] protocol::GiveOrder numbered(std::uint64_t number, Act act) const {
        Bytes order = codec::encode(protocol::Order{{number}, std::move(act)});
        Bytes signature = access::sign(key, access::Label::Order, order);
        return {{std::move(order), std::move(signature)}};
    }

    template <class Act>
    [[nodiscard]] protocol::GiveOrder order(Act act) {
        return numbered(++last, std::move(act));
    }
};

/// What the members of a conversation share, epoch by epoch.
struct Talk {
    LogId log = LogId::random(chance());
    std::map<std::uint64_t, Secret> tokens{};
    std::map<std::uint64_t, SigningKey> bundle_keys{};

    const Secret& token(std::uint64_t epoch) {
        return tokens.try_emplace(epoch, new_token()).first->second;
    }

    const SigningKey& bundle_key(std::uint64_t epoch) {
        return bundle_keys.try_emplace(epoch, new_key()).first->second;
    }

    protocol::Verifier verifier(std::uint64_t epoch) {
        return {hash_of(access::Right::Append, token(epoch)), as<BundleKey>(bundle_key(epoch))};
    }

    protocol::CreateLog creation(std::vector<ReaderKey> readers) {
        return {log, verifier(0), std::move(readers)};
    }

    protocol::Post post(std::uint64_t epoch, std::vector<protocol::NewEntry> entries) {
        return {log, {epoch}, token(epoch).copy(), std::move(entries)};
    }

    protocol::Post post(std::uint64_t epoch, std::string_view text) {
        return post(epoch, {{EntryId::random(chance()), to_bytes(text)}});
    }

    protocol::Bundle bundle(const Actor& author, std::uint64_t epoch) {
        protocol::Bundle bundle{};
        bundle.log = log;
        bundle.epoch = {epoch};
        bundle.commit = to_bytes("commit");
        bundle.next = verifier(epoch + 1);
        bundle.author = author.reader_key();
        return bundle;
    }

    protocol::PostBundle signed_by(const Actor& author,
                                   const protocol::Bundle& bundle,
                                   Seq passed_over = {}) {
        return signed_by(author, bundle, bundle_key(bundle.epoch.value), passed_over);
    }

    /// Under the key of a candidate that is not everybody's.
    static protocol::PostBundle signed_by(const Actor& author,
                                          const protocol::Bundle& bundle,
                                          const SigningKey& epoch_key,
                                          Seq passed_over = {}) {
        const Bytes bytes = codec::encode(bundle);
        return {EntryId::random(chance()),
                {bytes,
                 access::sign(epoch_key, access::Label::BundleEpoch, bytes),
                 access::sign(author.reader, access::Label::BundleAuthor, bytes)},
                passed_over};
    }
};

/// A file's place, with both its rights.
struct Parcel {
    BlobId id = BlobId::random(chance());
    Secret put_token = new_token();
    Secret get_token = new_token();
    std::uint32_t chunks = 3;

    [[nodiscard]] protocol::CreateBlob creation() const {
        return {id,
                hash_of(access::Right::PutChunk, put_token),
                hash_of(access::Right::GetChunk, get_token),
                chunks};
    }

    [[nodiscard]] static Bytes chunk(std::uint8_t filling) {
        return Bytes(protocol::chunk_size, filling);
    }

    [[nodiscard]] protocol::PutChunk put(std::uint32_t number, std::uint8_t filling) const {
        return {id, put_token.copy(), {number}, chunk(filling)};
    }

    [[nodiscard]] protocol::GetChunk get(std::uint32_t number) const {
        return {id, get_token.copy(), {number}};
    }
};

/// A store with a claimed circle, asked without a network.
class Desk {
  public:
    Desk() { must(ask(officer.asker(), protocol::Claim{}).has_value()); }

    [[nodiscard]] Result<Answer> ask(const Asker& asker, protocol::RequestBody request) {
        std::optional<Answer> answer;
        const auto done = store->transact([&](LogTables& tables) -> Result<void> {
            TRY(answer, decide(tables, asker, request, now, allowance));
            return {};
        });
        if (!done.has_value()) return std::unexpected(done.error());
        return *std::move(answer);
    }

    /// What was refused, or Code::unknown if nothing was.
    [[nodiscard]] Code refusal(const Asker& asker, protocol::RequestBody request) {
        const auto answer = ask(asker, std::move(request));
        return answer.has_value() ? Code::unknown : answer.error().code;
    }

    /// The positions, none if it was refused.
    [[nodiscard]] std::vector<std::uint64_t> positions(const Asker& asker,
                                                       protocol::RequestBody request) {
        const auto answer = ask(asker, std::move(request));
        std::vector<std::uint64_t> values;
        if (!answer.has_value()) return values;
        const auto* posted = std::get_if<protocol::Posted>(&answer->body);
        if (posted == nullptr) return values;
        for (const Seq seq : posted->positions)
            values.push_back(seq.value);
        return values;
    }

    /// The texts that a reader gets after a position.
    [[nodiscard]] std::vector<std::string> texts(const Actor& actor,
                                                 const LogId& log,
                                                 std::uint64_t after = 0) {
        const auto answer = ask(actor.reading(), protocol::Read{log, {after}});
        if (!answer.has_value()) return {"refused"};
        std::vector<std::string> texts;
        for (const auto& entry : std::get<protocol::Entries>(answer->body).entries) {
            texts.push_back(to_text(entry.payload));
        }
        return texts;
    }

    void admit(const Actor& actor) {
        must(ask(officer.asker(), officer.order(actor.admission())).has_value());
    }

    void create(const Actor& actor, Talk& talk, std::vector<ReaderKey> readers) {
        must(ask(actor.asker(), talk.creation(std::move(readers))).has_value());
    }

    Directory directory{};
    std::unique_ptr<LogStore> store = directory.open_store();
    Officer officer{};
    Stamp now{1'000'000};
    Allowance allowance{};
};

}  // namespace cercle::relay::stage
