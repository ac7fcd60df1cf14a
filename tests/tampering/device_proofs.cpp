// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a device checks itself: its vault, and what the relay says that members have written.

#include "access/label.h"
#include "client/commits.h"
#include "client/contest.h"
#include "client/receive.h"
#include "client/restored.h"
#include "codec/tls.h"
#include "crypto/random.h"
#include "net/succession.h"
#include "tests/stage/absent.h"
#include "tests/tampering/proof.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;

const protocol::Entry& first_bundle() {
    const auto& entries = stage::absence().group.entries;
    const auto found =
        std::ranges::find(entries, protocol::EntryKind::Bundle, &protocol::Entry::kind);
    must(found != entries.end());
    return *found;
}

/// One of a bundle's two signatures, as members judge it.
template <Bytes protocol::SignedBundle::* which>
Present bundle_signature() {
    const protocol::Entry entry = first_bundle();
    const auto letter = must(codec::decode<protocol::SignedBundle>(entry.payload));
    return [bertrand = std::make_shared<stage::Awake>(stage::absence().bertrand, "bertrand"),
            entry,
            letter](const Change& change) -> Result<void> {
        client::Core& core = bertrand->core();
        auto changed = letter;
        changed.*which = change(letter.*which);
        auto shown = entry;
        shown.payload = codec::encode(changed);
        TRY(auto transaction, core.database.begin());
        TRY(client::Conversation * group, core.conversations.load(stage::absence().group.log));
        const auto taken = client::take_bundle(core, transaction, *group, shown);
        // The transaction is never committed; nor may the group go on from what was taken.
        if (taken) core.conversations.forget(group->row.log);
        return taken;
    };
}

const Registration epoch_signature{
    {.name = "a bundle's signature under its epoch's key, at a device",
     .labels = {"Cercle 1 bundle epoch"},
     .judged_in = {"client/commits.cpp"},
     .refusal = Code::forged,
     .prepare = bundle_signature<&protocol::SignedBundle::epoch_signature>}};

const Registration incarnation{
    {.name = "a restored relay's statement, at a device",
     .labels = {"Cercle 1 incarnation"},
     .judged_in = {"client/restored.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto random = std::make_shared<crypto::SystemRandom>();
         const auto key =
             crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, *random);
         const identity::RelayFingerprint relay{net::fingerprint_of(key.public_key()).bytes};
         const protocol::IncarnationStatement statement{
             {}, protocol::Incarnation::random(*random), {7}};
         const Bytes content = codec::encode(statement);
         const protocol::SignedIncarnation genuine{
             content,
             to_bytes(key.public_key()),
             access::sign(key, access::Label::Incarnation, content)};
         return [relay, statement, genuine](const Change& change) -> Result<void> {
             const protocol::SignedIncarnation changed{
                 genuine.statement, genuine.key, change(genuine.signature)};
             TRY_VOID(client::restored::check(relay, changed, statement.now, {}));
             return {};
         };
     }}};

const Registration author_signature{
    {.name = "a bundle's signature under its author's key, at a device",
     .labels = {"Cercle 1 bundle author"},
     .judged_in = {"client/commits.cpp"},
     .refusal = Code::forged,
     .prepare = bundle_signature<&protocol::SignedBundle::author_signature>}};

// What is passed over is gone on from, so it has to be a member's of this epoch.
const Registration passed_over{
    {.name = "a bundle's signature under its epoch's key, where the bundle is passed over",
     .labels = {"Cercle 1 bundle epoch"},
     .judged_in = {"client/contest.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         const protocol::Entry entry = first_bundle();
         const auto letter = must(codec::decode<protocol::SignedBundle>(entry.payload));
         return [bertrand = std::make_shared<stage::Awake>(stage::absence().bertrand, "bertrand"),
                 entry,
                 letter](const Change& change) -> Result<void> {
             client::Core& core = bertrand->core();
             auto changed = letter;
             changed.epoch_signature = change(letter.epoch_signature);
             auto shown = entry;
             shown.payload = codec::encode(changed);
             TRY(client::Conversation * group, core.conversations.load(stage::absence().group.log));
             static_cast<void>(client::note_passed_over(*group, shown, Code::policy_violated));
             const bool noted = group->contest.passed_over == entry.seq;
             core.conversations.forget(group->row.log);
             if (noted) return {};
             return fail(Code::forged, "nobody's bundle is no rival");
         };
     }}};

// A field of 32 bytes without a length before it: cut or lengthened, the frame is malformed.
const Registration chain_hash{
    {.name = "an entry's place in the chain of its log",
     .labels = {},
     .judged_in = {"client/receive.cpp"},
     .refusal = Code::chain_broken,
     .prepare = []() -> Present {
         protocol::Entry entry;
         entry.seq = {1};
         entry.kind = protocol::EntryKind::Application;
         entry.payload = to_bytes("payload");
         entry.chain = client::chain_after({}, {}, entry);
         return [frame = codec::encode(entry)](const Change& change) -> Result<void> {
             // The hash is the frame's last field.
             const BytesView all = frame;
             Bytes changed = to_bytes(all.first(all.size() - protocol::ChainHash::size));
             append(changed, change(all.last(protocol::ChainHash::size)));
             TRY(const auto shown, codec::decode<protocol::Entry>(changed));
             return client::check_next({0}, {}, {}, shown);
         };
     }}};

/// A vault in memory, and one of its files as bytes.
struct Safe {
    net::Loop loop{net::Loop::Kind::Virtual};
    vectors::SeededRandom random{1};
    net::MemoryNetwork network{loop, random};
    SilentDiary diary;
    store::SimulatedDisk disk{random};
    client::World world{loop, network, loop.clock(), random, diary, disk, {32, 1}};
    Secret passphrase = Secret::copy_of(view_of("a passphrase"));
    store::SimulatedDisk::Image image = made();

    store::SimulatedDisk::Image made() {
        must(client::make_vault(world, "/home", passphrase).has_value());
        return disk.image();
    }

    Result<void> open_with(const std::string& file, Bytes content) {
        auto changed = image;
        changed.at(file) = std::move(content);
        disk.restore(changed);
        TRY(auto vault, client::open_vault(world, "/home", passphrase));
        return vault.check_integrity();  // which reads all of it
    }
};

const Registration slot{{.name = "the vault's key, wrapped under its passphrase",
                         .labels = {},
                         .judged_in = {"client/vault.cpp"},
                         .refusal = Code::vault_locked,
                         .prepare = []() -> Present {
                             return [safe = std::make_shared<Safe>()](const Change& change) {
                                 // The slot file ends with opaque wrapped<V>: one byte of length,
                                 // the key, the tag.
                                 constexpr std::size_t size = store::key_size + 16;
                                 const Bytes& file = safe->image.at("/home/vault.slot");
                                 const Bytes wrapped = change(BytesView(file).last(size));
                                 Bytes changed =
                                     to_bytes(BytesView(file).first(file.size() - size - 1));
                                 codec::Writer writer;
                                 writer.opaque(wrapped);
                                 append(changed, writer.bytes());
                                 return safe->open_with("/home/vault.slot", std::move(changed));
                             };
                         }}};

// SQLCipher's, and the reason why nobody can change a stolen vault and give it back.
const Registration page{{.name = "the MAC of a page of the vault",
                         .labels = {},
                         .judged_in = {},
                         .refusal = Code::wrong_key,
                         .prepare = []() -> Present {
                             return [safe = std::make_shared<Safe>()](const Change& change) {
                                 // Pages of 4096 bytes end with a nonce of 16 and HMAC-SHA512; this
                                 // is the first page.
                                 constexpr std::size_t page_size = 4096;
                                 constexpr std::size_t size = 64;
                                 const Bytes& file = safe->image.at("/home/vault.db");
                                 Bytes changed = to_bytes(BytesView(file).first(page_size - size));
                                 append(changed,
                                        change(BytesView(file).first(page_size).last(size)));
                                 append(changed, BytesView(file).subspan(page_size));
                                 return safe->open_with("/home/vault.db", std::move(changed));
                             };
                         }}};

}  // namespace
