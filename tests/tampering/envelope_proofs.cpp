// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What lies in an inbox and beside it.

#include <array>
#include <memory>

#include "access/label.h"
#include "codec/tls.h"
#include "crypto/hpke.h"
#include "envelope/attachment.h"
#include "envelope/card_letter.h"
#include "envelope/inbox_letter.h"
#include "tests/must.h"
#include "tests/tampering/proof.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;

const Registration letter{{.name = "a letter in an inbox",
                           .labels = {"Cercle 1 inbox letter"},
                           .judged_in = {"envelope/inbox_letter.cpp"},
                           .refusal = Code::forged,
                           .prepare = []() -> Present {
                               vectors::SeededRandom random(1);
                               envelope::WelcomeLetter written;
                               written.welcome = to_bytes("a welcome");
                               return
                                   [genuine = envelope::close_letter(Secret(32), written, random)](
                                       const Change& change) -> Result<void> {
                                       TRY_VOID(envelope::open_letter(Secret(32), change(genuine)));
                                       return {};
                                   };
                           }}};

Kind word_in_an_inbox(const char* name, const char* label, envelope::Word word) {
    return {.name = name,
            .labels = {label},
            .judged_in = {"envelope/inbox_letter.cpp"},
            .refusal = Code::forged,
            .prepare = [word]() -> Present {
                vectors::SeededRandom random(1);
                return
                    [word,
                     genuine = envelope::close_word(Secret(32), word, view_of("a word"), random)](
                        const Change& change) -> Result<void> {
                        TRY_VOID(envelope::open_word(Secret(32), word, change(genuine)));
                        return {};
                    };
            }};
}

const Registration revocation_letter(word_in_an_inbox("a revocation in an inbox",
                                                      "Cercle 1 inbox revocation",
                                                      envelope::Word::Revocation));
const Registration report_letter(word_in_an_inbox("a report in an inbox",
                                                  "Cercle 1 inbox report",
                                                  envelope::Word::Report));
const Registration drawer_letter(word_in_an_inbox("a drawer report in an inbox",
                                                  "Cercle 1 inbox drawer",
                                                  envelope::Word::Drawer));
const Registration page_letter(word_in_an_inbox("a page in an inbox",
                                                "Cercle 1 inbox page",
                                                envelope::Word::Page));
const Registration office_letter(word_in_an_inbox("a word on the office in an inbox",
                                                  "Cercle 1 inbox office",
                                                  envelope::Word::Office));
const Registration account_letter(word_in_an_inbox("an account in an inbox",
                                                   "Cercle 1 inbox account",
                                                   envelope::Word::Account));

const Registration package{
    {.name = "a key package beside an inbox",
     .labels = {"Cercle 1 key package"},
     .judged_in = {"envelope/inbox_letter.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         vectors::SeededRandom random(1);
         return [genuine = envelope::close_package(Secret(32), view_of("key package"), random)](
                    const Change& change) -> Result<void> {
             TRY_VOID(envelope::open_package(Secret(32), change(genuine)));
             return {};
         };
     }}};

/// Its tag; what is behind it makes it long, and is tried by the tests of chunks.
const Registration chunk{
    {.name = "a chunk of a file",
     .labels = {"Cercle 1 attachment chunk"},
     .judged_in = {"envelope/attachment.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto cipher = std::make_shared<envelope::ChunkCipher>(Secret(32), protocol::BlobId{}, 2U);
         return [cipher, closed = cipher->close({0}, view_of("content"))](
                    const Change& change) -> Result<void> {
             constexpr std::size_t tag = 16;
             Bytes changed = to_bytes(BytesView(closed).first(closed.size() - tag));
             append(changed, change(BytesView(closed).last(tag)));
             TRY_VOID(cipher->open({0}, changed));
             return {};
         };
     }}};

/// Both ends of a card.
struct CardEnds {
    vectors::SeededRandom random{1};
    crypto::KemKey reader = crypto::KemKey::generate(envelope::card_kem, random);
    crypto::SigningKey author =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);

    [[nodiscard]] protocol::HolderKey holder() const {
        return *protocol::HolderKey::from(author.public_key());
    }

    [[nodiscard]] envelope::LetterWords words() const {
        return {1, envelope::LetterWords::Kind::Text, 1, reader.public_key(), {}, "a letter"};
    }

    /// The genuine words with another signature, closed as the genuine ones are.
    [[nodiscard]] Bytes signed_anew(envelope::CardWay way, BytesView words, BytesView signature) {
        codec::Writer inner;
        inner.opaque(
            codec::encode(envelope::SignedCardWords{to_bytes(words), to_bytes(signature)}));
        Bytes padded = std::move(inner).take();
        padded.resize(2048, 0);
        constexpr std::array<std::string_view, 3> labels{
            "Cercle 1 card claim", "Cercle 1 card letter", "Cercle 1 card answer"};
        const auto label = labels.at(static_cast<std::size_t>(way) - 1);
        const crypto::HpkeSuite suite{
            envelope::card_kem, crypto::HashAlgorithm::Sha384, crypto::AeadAlgorithm::Aes256Gcm};
        auto made = must(crypto::hpke_encrypt(
            suite, reader.public_key(), view_of(label), protocol::CardId{}.view(), padded, random));
        return codec::encode(envelope::ClosedCardLetter{1,
                                                        way,
                                                        envelope::hash_of_key(reader.public_key()),
                                                        std::move(made.encapsulation),
                                                        std::move(made.ciphertext)});
    }

    struct Statement {
        protocol::CardId card;
        envelope::KeyHash reader;
        Bytes words;

        auto fields(this auto& self) { return std::tie(self.card, self.reader, self.words); }
    };

    [[nodiscard]] Bytes signature(access::Label label, BytesView words) const {
        return access::sign(author,
                            label,
                            codec::encode(Statement{
                                {}, envelope::hash_of_key(reader.public_key()), to_bytes(words)}));
    }
};

const Registration claim_of_card{
    {.name = "a claimant's signature in a claim of a card",
     .labels = {"Cercle 1 card claim"},
     .judged_in = {"envelope/card_letter.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto ends = std::make_shared<CardEnds>();
         const Bytes words = codec::encode(
             envelope::ClaimWords{1, ends->holder(), ends->reader.public_key(), "I am Zoe"});
         return [ends, words](const Change& change) -> Result<void> {
             const auto signature = change(ends->signature(access::Label::CardClaim, words));
             TRY_VOID(envelope::open_claim(
                 {},
                 ends->reader,
                 ends->holder(),
                 ends->signed_anew(envelope::CardWay::Claim, words, signature)));
             return {};
         };
     }}};

Kind letter_of_card(envelope::CardWay way, access::Label label, std::string_view text) {
    return {
        .name = std::string("an author's signature in a letter by a card: ") + std::string(text),
        .labels = {text},
        .judged_in = {"envelope/card_letter.cpp"},
        .refusal = Code::forged,
        .prepare = [way, label]() -> Present {
            auto ends = std::make_shared<CardEnds>();
            const Bytes words = codec::encode(ends->words());
            return [ends, words, way, label](const Change& change) -> Result<void> {
                const auto signature = change(ends->signature(label, words));
                TRY_VOID(envelope::open_card_letter({{}, way},
                                                    ends->reader,
                                                    ends->author.public_key(),
                                                    ends->signed_anew(way, words, signature)));
                return {};
            };
        }};
}

const Registration letter_to_owner{
    letter_of_card(envelope::CardWay::ToOwner, access::Label::CardLetter, "Cercle 1 card letter")};
const Registration letter_to_holder{
    letter_of_card(envelope::CardWay::ToHolder, access::Label::CardAnswer, "Cercle 1 card answer")};

/// The HPKE ciphertext, with its tag.
const Registration closed_card_letter{
    {.name = "a letter by a card, as it is closed",
     .labels = {"Cercle 1 card letter"},
     .judged_in = {"envelope/card_letter.cpp", "crypto/hpke.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto ends = std::make_shared<CardEnds>();
         const envelope::CardRoute route{{}, envelope::CardWay::ToOwner};
         auto genuine = std::make_shared<envelope::ClosedCardLetter>(
             must(codec::decode<envelope::ClosedCardLetter>(must(envelope::close_card_letter(
                 route, ends->reader.public_key(), ends->author, ends->words(), ends->random)))));
         return [ends, genuine, route](const Change& change) -> Result<void> {
             constexpr std::size_t tag = 16;
             envelope::ClosedCardLetter changed = *genuine;
             const BytesView whole = genuine->ciphertext;
             changed.ciphertext = to_bytes(whole.first(whole.size() - tag));
             append(changed.ciphertext, change(whole.last(tag)));
             TRY_VOID(envelope::open_card_letter(
                 route, ends->reader, ends->author.public_key(), codec::encode(changed)));
             return {};
         };
     }}};

}  // namespace
