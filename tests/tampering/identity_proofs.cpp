// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What says who somebody is: certificates, directory pages, invitations.

#include "access/label.h"
#include "codec/tls.h"
#include "crypto/aead.h"
#include "identity/base32.h"
#include "identity/card_answering.h"
#include "identity/directory.h"
#include "identity/invitation.h"
#include "identity/office.h"
#include "identity/relay_word.h"
#include "net/server_identity.h"
#include "net/succession.h"
#include "tests/must.h"
#include "tests/stage/faces.h"
#include "tests/tampering/both_keys.h"
#include "tests/tampering/proof.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace cercle::tampering;
using namespace std::chrono_literals;
using vectors::SeededRandom;

constexpr WallTime now{1'800'000'000'000ms};
constexpr std::size_t signature_size = 64;

/// An authority, and a device that it has certified.
struct Office {
    SeededRandom random{1};
    Authority authority = must(Authority::found(now, random));
    crypto::SigningKey key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    Passport passport{
        MemberId::random(random), DeviceId::random(random), Role::Member, key.public_key()};
    Bytes certificate = must(authority.certify(passport, now, random));
};

/// DER's tag and length before what is that long.
Bytes headed(std::uint8_t tag, BytesView content) {
    Bytes made{tag};
    if (content.size() < 128) {
        made.push_back(static_cast<std::uint8_t>(content.size()));
    } else {
        made.insert(made.end(),
                    {0x82,
                     static_cast<std::uint8_t>(content.size() >> 8U),
                     static_cast<std::uint8_t>(content.size() & 0xffU)});
    }
    append(made, content);
    return made;
}

/// The certificate with another signature, well formed around it whatever its length.
Bytes resigned(BytesView der, BytesView signature) {
    // SEQUENCE { what is signed, the algorithm, BIT STRING }; lengths of over 255 take two bytes.
    must(der[1] == 0x82);
    constexpr std::size_t bit_string_head = 3;
    Bytes inner = to_bytes(der.first(der.size() - signature_size - bit_string_head).subspan(4));
    Bytes bits{0};
    append(bits, signature);
    append(inner, headed(0x03, bits));
    return headed(0x30, inner);
}

const Registration certificate{
    {.name = "a device's certificate",
     .labels = {},
     .judged_in = {"crypto/certificate.cpp"},
     .refusal = Code::certificate_untrusted,
     .prepare = []() -> Present {
         return [office = std::make_shared<Office>()](const Change& change) -> Result<void> {
             const BytesView der = office->certificate;
             const Bytes signature = change(der.last(signature_size));
             TRY_VOID(office->authority.root().judge(resigned(der, signature), now));
             return {};
         };
     }}};

// Devices know the root by the hash of all its bytes, and so never ask for this one; whoever reads
// a root from elsewhere does.
const Registration root_certificate{
    {.name = "a root's signature under itself",
     .labels = {},
     .judged_in = {"crypto/certificate.cpp"},
     .refusal = Code::certificate_untrusted,
     .prepare = []() -> Present {
         return [office = std::make_shared<Office>()](const Change& change) -> Result<void> {
             const BytesView der = office->authority.root().certificate().der;
             const Bytes signature = change(der.last(signature_size));
             TRY(const auto root, crypto::Certificate::parse(resigned(der, signature)));
             return root.verify_under(root, now);
         };
     }}};

const Registration relay_successor{
    {.name = "the certificate by which a relay's key makes another its successor",
     .labels = {},
     .judged_in = {"net/succession.cpp", "crypto/certificate.cpp"},
     .refusal = Code::relay_key_mismatch,
     .prepare = []() -> Present {
         SeededRandom random{2};
         const auto old = net::ServerIdentity::generate(random);
         const auto next = old.successor(random);
         return [pinned = old.key(),
                 shown = next.certificates()](const Change& change) -> Result<void> {
             auto changed = shown;
             const BytesView der = shown.front();
             changed.front() = resigned(der, change(der.last(signature_size)));
             TRY_VOID(net::follow_succession(changed, pinned));
             return {};
         };
     }}};

struct SignedPage {
    Secret page;
    RootSignature signature;

    auto fields(this auto& self) { return std::tie(self.page, self.signature); }
};

const Registrations directory_page{of_both_keys(
    {.name = "a directory page",
     .labels = {"Cercle 1 directory page"},
     .judged_in = {"identity/directory.cpp", "identity/passport.cpp"},
     .refusal = Code::forged},
    []() -> PresentSigned {
        auto office = std::make_shared<Office>();
        DirectoryPage page;
        page.number = {1};
        page.circle_name = "Conseil";
        page.members.push_back({office->passport.member, "Zoé", "minister"});
        page.members.back().portrait = stage::png(64, 64);
        const Secret made = sign_page(page, office->authority);
        auto genuine = std::make_shared<SignedPage>(must(codec::decode<SignedPage>(made.reveal())));
        return [office, genuine](const ChangeOne& change) -> Result<void> {
            const SignedPage changed{genuine->page.copy(), change(genuine->signature)};
            TRY_VOID(open_page(codec::encode(changed), office->authority.root(), now));
            return {};
        };
    },
    Bits::All)};

const Registrations relay_word{of_both_keys(
    {.name = "the officer's word on the relay's key",
     .labels = {"Cercle 1 relay word"},
     .judged_in = {"identity/relay_word.cpp"},
     .refusal = Code::forged},
    []() -> PresentSigned {
        auto office = std::make_shared<Office>();
        const Bytes made = sign_relay_word({relay_word_version, {}, {7}}, office->authority);
        const auto genuine = must(codec::decode<SignedRelayWord>(made));
        return [office, genuine](const ChangeOne& change) -> Result<void> {
            const SignedRelayWord changed{genuine.word, change(genuine.signature)};
            TRY_VOID(open_relay_word(codec::encode(changed), office->authority.root()));
            return {};
        };
    })};

const Registrations revocation{of_both_keys(
    {.name = "a revocation",
     .labels = {"Cercle 1 revocation"},
     .judged_in = {"identity/revocation.cpp", "identity/passport.cpp"},
     .refusal = Code::forged},
    []() -> PresentSigned {
        auto office = std::make_shared<Office>();
        auto genuine = std::make_shared<SignedRevocation>(sign_revocation(
            {1, {1}, office->passport.device, office->passport.member, {1}}, office->authority));
        return [office, genuine](const ChangeOne& change) -> Result<void> {
            const SignedRevocation changed{genuine->revocation, change(genuine->signature)};
            TRY_VOID(open_revocation(changed, office->authority.root()));
            return {};
        };
    })};

const Registrations circle_policy{
    of_both_keys({.name = "the circle's policy",
                  .labels = {"Cercle 1 circle policy"},
                  .judged_in = {"identity/circle_policy.cpp", "identity/passport.cpp"},
                  .refusal = Code::forged},
                 []() -> PresentSigned {
                     auto office = std::make_shared<Office>();
                     auto genuine = std::make_shared<SignedPolicy>(
                         sign_policy({1, {1}, {1}, {{"cards", "nobody"}}}, office->authority));
                     return [office, genuine](const ChangeOne& change) -> Result<void> {
                         const SignedPolicy changed{genuine->policy, change(genuine->signature)};
                         TRY_VOID(open_policy(changed, office->authority.root()));
                         return {};
                     };
                 })};

const Registration revocation_report{
    {.name = "a device's report of revocations",
     .labels = {"Cercle 1 revocation report"},
     .judged_in = {"identity/revocation.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto office = std::make_shared<Office>();
         auto genuine = std::make_shared<SignedReport>(
             sign_report({1, office->passport.device, 1, {1}, 2, 3}, office->key));
         return [office, genuine](const Change& change) -> Result<void> {
             const SignedReport changed{genuine->report, change(genuine->signature)};
             TRY_VOID(open_report(changed, office->key.public_key()));
             return {};
         };
     }}};

OfficeWord word_of(Office& office) {
    OfficeWord word;
    word.number = {1};
    word.member = office.passport.member;
    word.device = office.passport.device;
    Passport passport = office.passport;
    passport.role = Role::Officer;
    word.certificate = must(office.authority.certify(passport, now, office.random));
    word.inbox_secret = Secret(32);
    word.answer_key = make_answer_key(office.random).public_key();
    return word;
}

const Registrations office_word{of_both_keys(
    {.name = "the authority's word on whose the office is",
     .labels = {"Cercle 1 office"},
     .judged_in = {"identity/office.cpp"},
     .refusal = Code::forged},
    []() -> PresentSigned {
        auto office = std::make_shared<Office>();
        const Secret made = sign_office(word_of(*office), office->authority);
        auto genuine =
            std::make_shared<SignedOffice>(must(codec::decode<SignedOffice>(made.reveal())));
        return [office, genuine](const ChangeOne& change) -> Result<void> {
            const SignedOffice changed{genuine->word.copy(), change(genuine->signature)};
            TRY_VOID(open_office(codec::encode(changed), office->authority.root()));
            return {};
        };
    })};

const Registration account{
    {.name = "what a device tells a new officer's machine",
     .labels = {"Cercle 1 account"},
     .judged_in = {"identity/office.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto office = std::make_shared<Office>();
         Account said;
         said.office = {1};
         said.device = office->passport.device;
         said.inbox_secret = Secret(32);
         const auto letters = must(sign_account(said,
                                                office->certificate,
                                                office->key,
                                                make_answer_key(office->random).public_key(),
                                                office->random));
         const auto genuine = must(codec::decode<SignedAccountPart>(letters.front()));
         return [office, genuine](const Change& change) -> Result<void> {
             const SignedAccountPart changed{genuine.part, change(genuine.signature)};
             TRY_VOID(open_account_part(codec::encode(changed), office->authority.root()));
             return {};
         };
     }}};

const Registration answer{
    {.name = "the same, as it is encrypted to that machine",
     .labels = {"Cercle 1 answer to an office"},
     .judged_in = {"identity/office.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto office = std::make_shared<Office>();
         auto key = std::make_shared<crypto::KemKey>(make_answer_key(office->random));
         Account said;
         said.device = office->passport.device;
         said.inbox_secret = Secret(32);
         const auto letters = must(sign_account(
             said, office->certificate, office->key, key->public_key(), office->random));
         const auto root = office->authority.root();
         const auto part = must(open_account_part(letters.front(), root)).part;
         codec::Reader reader(part.bytes);
         const Bytes encapsulation = to_bytes(must(reader.opaque()));
         const Bytes ciphertext = to_bytes(must(reader.opaque()));
         return
             [office, key, root, encapsulation, ciphertext](const Change& change) -> Result<void> {
                 constexpr std::size_t tag = 16;
                 const BytesView genuine = ciphertext;
                 Bytes changed = to_bytes(genuine.first(genuine.size() - tag));
                 append(changed, change(genuine.last(tag)));
                 codec::Writer parts;
                 parts.opaque(encapsulation);
                 parts.opaque(changed);
                 TRY_VOID(open_account(parts.bytes(), *key, office->passport.device, root, now));
                 return {};
             };
     }}};

constexpr std::string_view prefix = "CERCLE:";

const Registration checksum{
    {.name = "an invitation's checksum",
     .labels = {"Cercle 1 code checksum"},
     .judged_in = {"identity/code_text.cpp"},
     .refusal = Code::invitation_checksum,
     .prepare = []() -> Present {
         SeededRandom random(1);
         Invitation invitation;
         invitation.relay = "relay.example:7443";
         invitation.secret = Secret(invitation_secret_size);
         random.fill(invitation.secret.expose());
         invitation.expires = now + 1h;
         const std::string text = invitation.to_text();
         const auto all = from_base32(text.substr(prefix.size()));
         must(all.has_value());
         return [all = *all](const Change& change) -> Result<void> {
             constexpr std::size_t checksum_size = 4;
             Bytes changed = to_bytes(BytesView(all).first(all.size() - checksum_size));
             append(changed, change(BytesView(all).last(checksum_size)));
             TRY_VOID(Invitation::parse(std::string(prefix) + to_base32(changed), now));
             return {};
         };
     }}};

/// A card, with its face closed under a key that the test has, too.
struct CardOfZoe {
    SeededRandom random{1};
    crypto::SigningKey key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    Face face{1, {}, 1, Bytes(1216, 7)};

    [[nodiscard]] Result<void> show(BytesView closed) const {
        TRY_VOID(open_face(closed, {}, *CardKey::from(key.public_key()), Secret(32)));
        return {};
    }
};

const Registration face_as_closed{
    {.name = "a card's face, as it is closed",
     .labels = {"Cercle 1 closed card face"},
     .judged_in = {"identity/card.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto card = std::make_shared<CardOfZoe>();
         return [card, genuine = close_face(card->face, card->key, Secret(32), card->random)](
                    const Change& change) -> Result<void> {
             constexpr std::size_t tag = 16;
             Bytes changed = to_bytes(BytesView(genuine).first(genuine.size() - tag));
             append(changed, change(BytesView(genuine).last(tag)));
             return card->show(changed);
         };
     }}};

const Registration answering_of_card{
    {.name = "the word of a card's owner on who answers it",
     .labels = {"Cercle 1 card answering"},
     .judged_in = {"identity/card_answering.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto card = std::make_shared<CardOfZoe>();
         auto genuine = std::make_shared<SignedAnswering>(
             sign_answering({answering_version, {}, {}, {}}, card->key));
         return [card, genuine](const Change& change) -> Result<void> {
             const SignedAnswering changed{genuine->answering, change(genuine->signature)};
             TRY_VOID(open_answering(changed, {}, *CardKey::from(card->key.public_key())));
             return {};
         };
     }}};

const Registration face_as_signed{
    {.name = "the signature of a card's own key on its face",
     .labels = {"Cercle 1 card face"},
     .judged_in = {"identity/card.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto card = std::make_shared<CardOfZoe>();
         return [card](const Change& change) -> Result<void> {
             const Bytes content = codec::encode(card->face);
             codec::Writer plain;
             plain.opaque(content);
             plain.opaque(change(access::sign(card->key, access::Label::CardFace, content)));
             Bytes closed = card->random.bytes(crypto::aead_nonce_size);
             append(closed,
                    crypto::aead_encrypt(crypto::AeadAlgorithm::Aes256Gcm,
                                         Secret(32).reveal(),
                                         closed,
                                         view_of("Cercle 1 closed card face"),
                                         plain.bytes()));
             return card->show(closed);
         };
     }}};

}  // namespace
