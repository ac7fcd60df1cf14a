// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What devices and officers show the relay.

#include "relay/incarnation.h"
#include "relay/verify.h"
#include "tests/stage/calling.h"
#include "tests/stage/locked.h"
#include "tests/stage/peer.h"
#include "tests/tampering/proof.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using protocol::RequestBody;

/// A desk at which everything is only rehearsed: each request finds the store as it was.
struct Rehearsal {
    Desk desk{};
    Actor ana{};
    Talk talk{};

    Rehearsal() {
        desk.admit(ana);
        desk.create(ana, talk, {ana.reader_key()});
    }

    Result<void> ask(const Asker& asker, const RequestBody& request) {
        Result<void> outcome;
        const auto rehearsed = desk.store->transact([&](LogTables& tables) -> Result<void> {
            const auto answer = decide(tables, asker, request, desk.now);
            if (!answer.has_value()) {
                outcome = std::unexpected(answer.error());
            } else if (const auto* no = std::get_if<protocol::Refused>(&answer->body)) {
                // Counted, hence an answer: of a card's use.
                outcome = fail(protocol::to_code(no->refusal), "the relay refused");
            }
            return fail(Code::closing, "it was only a rehearsal");
        });
        must(!rehearsed.has_value());
        return outcome;
    }
};

/// `make` gives the asker and a request around a proof.
template <class Make>
Present rehearsed(Bytes genuine, std::shared_ptr<Rehearsal> rehearsal, Make make) {
    return [genuine = std::move(genuine), rehearsal = std::move(rehearsal), make](
               const Change& change) {
        auto [asker, request] = make(*rehearsal, change(genuine));
        return rehearsal->ask(asker, request);
    };
}

using Asked = std::pair<Asker, RequestBody>;

const Registration order{
    {.name = "an officer's order",
     .labels = {"Cercle 1 order"},
     .judged_in = {"relay/orders.cpp", "access/label.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         const auto given = rehearsal->desk.officer.order(Actor{}.admission());
         return rehearsed(given.order.signature,
                          rehearsal,
                          [bytes = given.order.order](Rehearsal& one, Bytes signature) -> Asked {
                              return {one.desk.officer.asker(),
                                      protocol::GiveOrder{{bytes, std::move(signature)}}};
                          });
     }}};

const Registration incarnation{
    {.name = "a restored relay's statement on which one it was",
     .labels = {"Cercle 1 incarnation"},
     .judged_in = {"relay/incarnation.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto identity =
             std::make_shared<net::ServerIdentity>(net::ServerIdentity::generate(chance()));
         const Bytes file = sign_incarnation(*identity, IncarnationStatement{});
         auto made = must(codec::decode<SignedIncarnation>(file));
         return [identity, made](const Change& change) -> Result<void> {
             SignedIncarnation changed = made;
             changed.signature = change(made.signature);
             TRY_VOID(check_incarnation(codec::encode(changed), *identity));
             return {};
         };
     }}};

const Registration reader{
    {.name = "a reader's statement on opening a log",
     .labels = {"Cercle 1 reader"},
     .judged_in = {"relay/reading.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         const auto opening = rehearsal->ana.opening(rehearsal->talk.log);
         return rehearsed(
             opening.signature, rehearsal, [opening](Rehearsal& one, Bytes signature) -> Asked {
                 return {one.ana.asker(),
                         protocol::OpenLog{opening.log, opening.reader, std::move(signature)}};
             });
     }}};

/// One of a bundle's two signatures, at the relay.
template <Bytes protocol::SignedBundle::* which>
Present bundle_signature() {
    auto rehearsal = std::make_shared<Rehearsal>();
    auto posted =
        rehearsal->talk.signed_by(rehearsal->ana, rehearsal->talk.bundle(rehearsal->ana, 0));
    Bytes genuine = posted.bundle.*which;
    return rehearsed(std::move(genuine), rehearsal, [posted](Rehearsal& one, Bytes signature) {
        auto changed = posted;
        changed.bundle.*which = std::move(signature);
        return Asked{one.ana.asker(), std::move(changed)};
    });
}

const Registration bundle_epoch{
    {.name = "a bundle's signature under its epoch's key, at the relay",
     .labels = {"Cercle 1 bundle epoch"},
     .judged_in = {"relay/contest.cpp"},
     .refusal = Code::refused,
     .prepare = bundle_signature<&protocol::SignedBundle::epoch_signature>}};

const Registration bundle_author{
    {.name = "a bundle's signature under its author's key, at the relay",
     .labels = {"Cercle 1 bundle author"},
     .judged_in = {"relay/bundles.cpp"},
     .refusal = Code::refused,
     .prepare = bundle_signature<&protocol::SignedBundle::author_signature>}};

Bytes shown(const Secret& token) {
    return to_bytes(token.reveal());
}

const Registration append_token{{.name = "an append token",
                                 .labels = {"Cercle 1 right append  "},
                                 .judged_in = {"relay/append.cpp", "access/token.cpp"},
                                 .refusal = Code::refused,
                                 .prepare = []() -> Present {
                                     auto rehearsal = std::make_shared<Rehearsal>();
                                     return rehearsed(shown(rehearsal->talk.token(0)),
                                                      rehearsal,
                                                      [](Rehearsal& one, Bytes token) -> Asked {
                                                          auto post = one.talk.post(0, "text");
                                                          post.token = Secret::copy_of(token);
                                                          return {one.ana.asker(), std::move(post)};
                                                      });
                                 }}};

const Registration deposit_token{
    {.name = "a deposit token",
     .labels = {"Cercle 1 right deposit "},
     .judged_in = {"relay/append.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         return rehearsed(
             shown(rehearsal->ana.deposit), rehearsal, [](Rehearsal& one, Bytes token) -> Asked {
                 auto letter = one.ana.letter("letter");
                 letter.token = Secret::copy_of(token);
                 return {one.ana.asker(), std::move(letter)};
             });
     }}};

const Registration taking_token{
    {.name = "a deposit token that takes a key package",
     .labels = {"Cercle 1 right deposit "},
     .judged_in = {"relay/decide.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         must(rehearsal->desk
                  .ask(rehearsal->ana.reading(),
                       protocol::PutKeyPackages{rehearsal->ana.inbox, {to_bytes("package")}})
                  .has_value());
         return rehearsed(
             shown(rehearsal->ana.deposit), rehearsal, [](Rehearsal& one, Bytes token) -> Asked {
                 return {one.ana.asker(),
                         protocol::TakeKeyPackage{one.ana.inbox, Secret::copy_of(token), {}}};
             });
     }}};

const Registration exchange_token{
    {.name = "an exchange token",
     .labels = {"Cercle 1 right exchange"},
     .judged_in = {"relay/exchange.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         const Secret token = new_token();
         const auto id = protocol::ExchangeId::random(chance());
         must(rehearsal->desk
                  .ask(rehearsal->desk.officer.asker(),
                       rehearsal->desk.officer.order(protocol::OpenExchange{
                           id, hash_of(access::Right::Exchange, token), {2'000'000}}))
                  .has_value());
         return rehearsed(
             shown(token), rehearsal, [id](Rehearsal& /*one*/, Bytes changed) -> Asked {
                 return {Asker{},
                         protocol::PutStep{id, Secret::copy_of(changed), 0, to_bytes("step")}};
             });
     }}};

const Registration put_token{
    {.name = "a token that puts a chunk into a blob",
     .labels = {"Cercle 1 right blob put"},
     .judged_in = {"relay/blobs.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         auto parcel = std::make_shared<Parcel>();
         must(rehearsal->desk.ask(rehearsal->ana.asker(), parcel->creation()).has_value());
         return rehearsed(
             shown(parcel->put_token), rehearsal, [parcel](Rehearsal& one, Bytes token) -> Asked {
                 auto put = parcel->put(0, 1);
                 put.token = Secret::copy_of(token);
                 return {one.ana.asker(), std::move(put)};
             });
     }}};

const Registration get_token{
    {.name = "a token that gets a chunk out of a blob",
     .labels = {"Cercle 1 right blob get"},
     .judged_in = {"relay/blobs.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         auto parcel = std::make_shared<Parcel>();
         must(rehearsal->desk.ask(rehearsal->ana.asker(), parcel->creation()).has_value());
         must(rehearsal->desk.ask(rehearsal->ana.asker(), parcel->put(0, 1)).has_value());
         return rehearsed(
             shown(parcel->get_token), rehearsal, [parcel](Rehearsal& one, Bytes token) -> Asked {
                 auto get = parcel->get(0);
                 get.token = Secret::copy_of(token);
                 return {one.ana.asker(), std::move(get)};
             });
     }}};

const Registration card_secret{
    {.name = "a card's secret",
     .labels = {"Cercle 1 right card    "},
     .judged_in = {"relay/card_use.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         auto card = std::make_shared<Ticket>();
         card->inbox = rehearsal->ana.inbox;
         must(rehearsal->desk.ask(rehearsal->ana.reading(), card->put()).has_value());
         return rehearsed(
             shown(card->secret), rehearsal, [card](Rehearsal& /*one*/, Bytes secret) -> Asked {
                 auto claim = card->claim("claim");
                 claim.secret = Secret::copy_of(secret);
                 return {Visitor{}.asker(), std::move(claim)};
             });
     }}};

const Registration card_binding{
    {.name = "an owner's signature that binds a card",
     .labels = {"Cercle 1 card binding"},
     .judged_in = {"relay/cards.cpp"},
     .refusal = Code::refused,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         const Ticket card{rehearsal->ana.inbox};
         must(rehearsal->desk.ask(rehearsal->ana.reading(), card.put()).has_value());
         const auto binding = card.bind(rehearsal->ana, Visitor{});
         return rehearsed(
             binding.signature, rehearsal, [binding](Rehearsal& one, Bytes signature) -> Asked {
                 auto changed = binding;
                 changed.signature = std::move(signature);
                 return {one.ana.reading(), std::move(changed)};
             });
     }}};

const Registration kept_binding{
    {.name = "an owner's signature that binds a card, as verify reads it",
     .labels = {"Cercle 1 card binding"},
     .judged_in = {"relay/verify_rights.cpp"},
     .refusal = Code::store_corrupt,
     .prepare = []() -> Present {
         auto rehearsal = std::make_shared<Rehearsal>();
         const Ticket card{rehearsal->ana.inbox};
         const auto binding = card.bind(rehearsal->ana, Visitor{});
         must(rehearsal->desk.ask(rehearsal->ana.reading(), card.put()).has_value());
         must(rehearsal->desk.ask(rehearsal->ana.reading(), binding).has_value());
         return [rehearsal, binding](const Change& change) -> Result<void> {
             LogStore& store = *rehearsal->desk.store;
             must(store
                      .transact([&](LogTables& tables) -> Result<void> {
                          TRY(auto row, tables.cards().find_card(binding.card));
                          row->signature = change(binding.signature);
                          return tables.cards().put_card(*row);
                      })
                      .has_value());
             TRY_VOID(relay::verify(store));
             return {};
         };
     }}};

/// Counted wherever it is judged: each is made at a share that was just put.
const Registration unlock_guess{{.name = "a guess at an unlock share",
                                 .labels = {"Cercle 1 right unlock  "},
                                 .judged_in = {"relay/unlock_shares.cpp"},
                                 .refusal = Code::refused,
                                 .prepare = []() -> Present {
                                     return [safe = std::make_shared<Safe>(),
                                             phone = std::make_shared<Locked>()](
                                                const Change& change) -> Result<void> {
                                         safe->now.value += 60'000;
                                         must(safe->put(*phone).has_value());
                                         auto guess = phone->right_guess();
                                         const Secret& genuine = guess.guess;
                                         guess.guess = Secret::copy_of(change(genuine.reveal()));
                                         TRY(const auto answer, safe->guess(*phone, guess));
                                         if (answer.outcome == protocol::GuessOutcome::Right)
                                             return {};
                                         return fail(Code::refused, "a wrong guess");
                                     };
                                 }}};

// A statement is bound to its connection, so each is made and shown on a new one.
const Registration device_session{{.name = "a device's statement on opening a session",
                                   .labels = {"Cercle 1 device session"},
                                   .judged_in = {"relay/intake.cpp"},
                                   .refusal = Code::refused,
                                   .prepare = []() -> Present {
                                       return
                                           [town = std::make_shared<Town>()](const Change& change) {
                                               Peer peer = town->stranger();
                                               auto proof = peer.proof(town->ana);
                                               proof.signature = change(proof.signature);
                                               return peer.hello(std::move(proof));
                                           };
                                   }}};

const Registration officer_session{{.name = "an officer's statement on opening a session",
                                    .labels = {"Cercle 1 officer session"},
                                    .judged_in = {"relay/intake.cpp"},
                                    .refusal = Code::refused,
                                    .prepare = []() -> Present {
                                        return [town = std::make_shared<Town>()](
                                                   const Change& change) {
                                            Peer peer = town->stranger();
                                            auto proof = peer.proof(town->officer);
                                            proof.signature = change(proof.signature);
                                            return peer.hello(std::move(proof));
                                        };
                                    }}};

// Devices do not ask for any yet: the judge is access's own, as it will be theirs.
const Registration checkpoint{
    {.name = "a relay's checkpoint of its records",
     .labels = {"Cercle 1 records checkpoint"},
     .judged_in = {"access/label.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto town = std::make_shared<Town>();
         Peer peer = town->session(town->ana);
         const auto said =
             std::get<protocol::SignedCheckpoint>(must(peer.ask(protocol::GetCheckpoint{})));
         return [town, said](const Change& change) {
             return access::verify(town->identity.signing_key().public_key(),
                                   access::Label::Checkpoint,
                                   said.checkpoint,
                                   change(said.signature));
         };
     }}};
const Registration holder_session{{.name = "a holder's statement on opening a session",
                                   .labels = {"Cercle 1 holder session"},
                                   .judged_in = {"relay/intake.cpp"},
                                   .refusal = Code::refused,
                                   .prepare = []() -> Present {
                                       return [town = std::make_shared<Town>(),
                                               zoe = std::make_shared<Visitor>()](
                                                  const Change& change) {
                                           Peer peer = town->stranger();
                                           auto proof = peer.proof(zoe->key);
                                           proof.signature = change(proof.signature);
                                           return peer.hello(std::move(proof));
                                       };
                                   }}};

}  // namespace
