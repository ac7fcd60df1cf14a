// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Cards in the wrong hands: who forwards one, photographs one, floods one, and a relay that alters,
// repeats and invents what comes by them. None of them reaches the owner, and he learns whose card
// it was.

#include "identity/card.h"

#include <algorithm>
#include <functional>

#include <catch2/catch_test_macros.hpp>

#include "client/vault.h"
#include "codec/tls.h"
#include "envelope/card_letter.h"
#include "relay/decide.h"
#include "tests/attacks/fake_log.h"
#include "tests/town/card_scene.h"

namespace {

using namespace cercle;
using attacks::FakeLog;
using town::CardScene;
using town::Played;
using Texts = std::vector<std::string>;

/// The rules by which something was found wrong in what was read.
Texts gaps(const Played& played) {
    Texts rules;
    for (const auto& event : played.events) {
        if (const auto* gap = std::get_if<client::Gap>(&event)) rules.push_back(gap->reason);
    }
    return rules;
}

Played read_all(CardScene& scene, const std::string& label) {
    return scene.town->play("alice", client::Read{label, 0, 0, client::Follow::No});
}

std::size_t requests(CardScene& scene) {
    const auto played = scene.town->play("alice", client::ListRequests{});
    return static_cast<std::size_t>(std::ranges::count_if(played.events, [](const auto& event) {
        return std::holds_alternative<client::RequestShown>(event);
    }));
}

protocol::LogId inbox_of_alice(CardScene& scene) {
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    return scene.town->core("alice")->self.inbox;
}

/// Alice is away while something comes by her cards, and reads what the relay makes of it.
struct Doctored {
    Doctored(CardScene& scene,
             const std::function<void()>& meanwhile,
             const std::function<void(FakeLog&)>& doctor) {
        const auto inbox = inbox_of_alice(scene);
        scene.town->close("alice");
        meanwhile();
        fake.emplace(*scene.town, inbox);
        doctor(*fake);
        fake->show_to();
    }

    std::optional<FakeLog> fake;
};

/// Changes what came by a card last.
void change_last(FakeLog& fake, const std::function<void(protocol::CardLetter&)>& change) {
    auto letter = codec::decode<protocol::CardLetter>(fake.entries.back().payload);
    REQUIRE(letter.has_value());
    change(*letter);
    fake.entries.back().payload = codec::encode(*letter);
}

bool holds(const store::SimulatedDisk::Image& image, std::string_view wanted) {
    return std::ranges::any_of(image, [wanted](const auto& file) {
        return !std::ranges::search(file.second, view_of(wanted)).empty();
    });
}

/// Somebody who has the code, and another key than its holder.
void knock(CardScene& scene, const std::string& code, int times) {
    const auto parsed = identity::CardCode::parse(code, scene.town->loop().clock().wall());
    REQUIRE(parsed.has_value());
    const auto rights = identity::card_rights(parsed->secret);
    relay::Asker stranger;
    stranger.kind = relay::Asker::Kind::Holder;
    stranger.holder = protocol::HolderKey::random(scene.town->random());
    constexpr int in_one_batch = 5000;
    for (int done = 0; done < times; done += in_one_batch) {
        const auto batch =
            scene.town->store().transact([&](relay::LogTables& tables) -> Result<void> {
                for (int at = done; at < std::min(times, done + in_one_batch); ++at) {
                    const auto answer = relay::decide(
                        tables,
                        stranger,
                        protocol::UseCard{rights.card,
                                          rights.token.copy(),
                                          {protocol::EntryId::random(scene.town->random()), {}}},
                        {1'800'000'000'000});
                    if (!answer) return std::unexpected(answer.error());
                }
                return {};
            });
        REQUIRE(batch.has_value());
    }
}

}  // namespace

TEST_CASE("a bound card that was forwarded or photographed opens nothing, and names its leaker") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    scene.bind("Max", "max");
    REQUIRE(scene.open("zoe", code).done());
    REQUIRE(scene.confirm().done());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    CHECK(scene.open("thief", code, "I am Zoe").outcome.rule == "invitation-spent");
    const auto told = CardScene::notices(scene.town->play("alice", client::Sync{0}));
    REQUIRE(told.size() == 1);
    CHECK(told.front().contains("the card you gave to Zoé was used by someone else"));
    CHECK(scene.card("Zoé").leaked > 0);
    CHECK(scene.card("Max").leaked == 0);
    CHECK(requests(scene) == 0);
    // Nobody else is disturbed, and she is not either.
    REQUIRE(scene.town->send("zoe", "alice", "it is me").done());
    REQUIRE(scene.town->send("max", "alice", "me too").done());
    CHECK(scene.read("alice", "Zoé") == Texts{"it is me"});
}

TEST_CASE("a second claimant freezes an unbound card, and the words show which one is the right") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    const auto stolen = scene.open("thief", code, "I am Zoe");
    REQUIRE(stolen.done());
    CHECK(scene.open("zoe", code, "I am Zoe").outcome.rule == "invitation-spent");
    const auto hers = scene.town->play("zoe", client::ListRequests{}).first<client::RequestShown>();
    REQUIRE_FALSE(hers.words.empty());
    CHECK(scene.card("Zoé").state == "frozen");
    const auto waits = scene.request();
    CHECK(waits.words == stolen.first<client::RequestShown>().words);
    CHECK(waits.words != hers.words);
    const auto shown = scene.town->play("alice", client::ListRequests{});
    CHECK(std::ranges::any_of(CardScene::notices(shown),
                              [](const auto& notice) { return notice.contains("is frozen"); }));
    // She renews it; the thief's claim is worth nothing.
    const auto renewed =
        scene.town->play("alice", client::RenewCards{client::RenewCards::Which::This, "Zoé"});
    REQUIRE(renewed.done());
    CHECK(scene.town->play("alice", client::ConfirmRequest{waits.request}).outcome.rule ==
          "unknown");
    REQUIRE(scene.open("zoe again", *renewed.first<client::CardShown>().text).done());
    REQUIRE(scene.confirm().done());
    REQUIRE(scene.town->play("zoe again", client::Sync{0}).done());
    REQUIRE(scene.town->send("zoe again", "alice", "at last").done());
    static_cast<void>(scene.town->play("thief", client::Sync{0}));
    CHECK_FALSE(scene.town->send("thief", "the owner of this card", "me").done());
}

TEST_CASE("who comes second to a card gets nothing by it when the first is confirmed") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    REQUIRE(scene.open("zoe", code, "I am Zoe").done());
    CHECK(scene.open("thief", code, "I am Zoe").outcome.rule == "invitation-spent");
    CHECK(scene.card("Zoé").state == "frozen");
    REQUIRE(scene.confirm().done());
    CHECK(scene.card("Zoé").state == "bound");
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    REQUIRE(scene.town->send("zoe", "alice", "hello").done());
    CHECK_FALSE(scene.town->play("thief", client::Sync{0}).done());
    CHECK(scene.read("alice", "Zoé") == Texts{"I am Zoe", "hello"});
}

TEST_CASE("a claimant who is refused is gone, and his card with him") {
    CardScene scene;
    REQUIRE(scene.open("thief", scene.make("Zoé"), "I am Zoe").done());
    const auto request = scene.request();
    REQUIRE(scene.town->play("alice", client::RefuseRequest{request.request}).done());
    CHECK(requests(scene) == 0);
    CHECK(scene.town->play("alice", client::ConfirmRequest{request.request}).outcome.rule ==
          "unknown");
    CHECK_FALSE(scene.town->send("thief", "the owner of this card", "me").done());
}

TEST_CASE("a letter that the relay alters is not read, and shows as a gap") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const Doctored relay(
        scene,
        [&] { REQUIRE(scene.town->send("zoe", "alice", "the truth").done()); },
        [](FakeLog& fake) {
            change_last(fake,
                        [](auto& letter) { letter.letter.at(letter.letter.size() / 2) ^= 1; });
        });
    const auto read = read_all(scene, "Zoé");
    CHECK(read.texts() == Texts{"I am Zoé"});
    CHECK(gaps(read) == Texts{"forged"});
}

TEST_CASE("a letter that the relay repeats is read once, and the repetition shows") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const Doctored relay(
        scene,
        [&] { REQUIRE(scene.town->send("zoe", "alice", "pay him").done()); },
        [](FakeLog& fake) { fake.entries.push_back(fake.entries.back()); });
    const auto read = read_all(scene, "Zoé");
    CHECK(read.texts() == Texts{"I am Zoé", "pay him"});
    CHECK(gaps(read) == Texts{"counter-repeated"});
}

TEST_CASE("a letter that the relay withholds shows as soon as a later one arrives") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    const Doctored relay(
        scene,
        [&] {
            REQUIRE(scene.town->send("zoe", "alice", "one").done());
            REQUIRE(scene.town->send("zoe", "alice", "two").done());
        },
        [](FakeLog& fake) { fake.entries.erase(fake.entries.end() - 2); });
    const auto read = read_all(scene, "Zoé");
    CHECK(read.texts() == Texts{"I am Zoé", "two"});
    CHECK(gaps(read) == Texts{"message-withheld"});
}

TEST_CASE("a letter by one card is no letter by another, nor another holder's") {
    CardScene scene;
    scene.bind("Max", "max");
    scene.bind("Zoé", "zoe");
    const auto max = protocol::CardId::from_hex(scene.card("Max").card);
    const Doctored relay(
        scene,
        [&] { REQUIRE(scene.town->send("zoe", "alice", "by Zoe").done()); },
        [&](FakeLog& fake) {
            change_last(fake, [&](auto& letter) { letter.card = *max; });
            fake.entries.push_back(fake.entries.back());
            change_last(fake, [&](auto& letter) {
                letter.holder = protocol::HolderKey::random(scene.town->random());
            });
        });
    CHECK(read_all(scene, "Max").texts() == Texts{"I am Max"});
    CHECK(read_all(scene, "Zoé").texts() == Texts{"I am Zoé"});
}

TEST_CASE("a claim that is closed to one card claims no other") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    static_cast<void>(scene.make("Max"));
    const auto max = protocol::CardId::from_hex(scene.card("Max").card);
    const Doctored relay(
        scene,
        [&] { REQUIRE(scene.open("zoe", code, "I am Zoe").done()); },
        [&](FakeLog& fake) { change_last(fake, [&](auto& letter) { letter.card = *max; }); });
    CHECK(requests(scene) == 0);
}

TEST_CASE("a relay mints no claim, since the card's key is known to who has its code alone") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    auto& random = scene.town->random();
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const auto reader = crypto::KemKey::generate(envelope::card_kem, random);
    const auto holder = *protocol::HolderKey::from(key.public_key());
    const Doctored relay(
        scene,
        [&] { REQUIRE(scene.open("zoe", code, "I am Zoe").done()); },
        [&](FakeLog& fake) {
            change_last(fake, [&](auto& letter) {
                // Signed by a key of its own, closed to a key of its own: to Zoe's letter's reader
                // it cannot close anything, whose key it has only seen the hash of.
                letter.holder = holder;
                letter.letter = envelope::close_claim({letter.card, envelope::CardWay::Claim},
                                                      reader.public_key(),
                                                      key,
                                                      {1, holder, reader.public_key(), "I am Zoe"},
                                                      random)
                                    .value();
            });
            fake.entries.push_back(fake.entries.back());
            change_last(fake,
                        [&](auto& letter) { letter.card = protocol::CardId::random(random); });
        });
    CHECK(requests(scene) == 0);
}

TEST_CASE("a relay that shows a face of its own gets no claim") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    bool claimed = false;
    scene.town->its_operator().on_request([&](town::Session, const protocol::RequestBody& request)
                                              -> std::optional<protocol::ResponseBody> {
        claimed = claimed || std::holds_alternative<protocol::ClaimCard>(request);
        if (!std::holds_alternative<protocol::ReadCard>(request)) return std::nullopt;
        const auto parsed = identity::CardCode::parse(code, scene.town->loop().clock().wall());
        const auto rights = identity::card_rights(parsed->secret);
        auto& random = scene.town->random();
        // It even has the code; it lacks the card's own key.
        const auto own = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
        const auto reader = crypto::KemKey::generate(envelope::card_kem, random);
        return protocol::CardFace{identity::close_face(
            {1, rights.card, 9, reader.public_key()}, own, rights.face, random)};
    });
    CHECK(scene.open("zoe", code, "I am Zoe").outcome.rule == "forged");
    CHECK_FALSE(claimed);
}

TEST_CASE("a stolen relay disk holds no label, no name and no word of a card, and uses none") {
    CardScene scene;
    scene.bind("Zoé (Le Monde)", "zoe");
    REQUIRE(scene.town->send("zoe", "alice", "la source parle").done());
    REQUIRE(scene.town->send("alice", "Zoé (Le Monde)", "je vous écoute").done());
    static_cast<void>(scene.make("Max l’inconnu"));
    std::vector<relay::Card> rows;
    REQUIRE(scene.town->store()
                .look([&](relay::LogTables& tables) -> Result<void> {
                    return tables.cards().each_card([&](const relay::Card& card) -> Result<void> {
                        rows.push_back(card);
                        return {};
                    });
                })
                .has_value());
    REQUIRE(rows.size() == 2);
    scene.town->stop_relay();
    const auto disk = scene.town->relay_machine().disk.image();
    for (const char* word :
         {"Zoé", "Le Monde", "I am Z", "la source", "je vous", "Max l", "alice"}) {
        CHECK_FALSE(holds(disk, word));
    }
    // What it keeps of the secret is a hash, which is no secret; its keys are public ones.
    scene.town->start_relay();
    for (const relay::Card& row : rows) {
        relay::Asker thief;
        thief.kind = relay::Asker::Kind::Holder;
        thief.holder = row.holder.value_or(protocol::HolderKey{});
        REQUIRE(scene.town->store()
                    .transact([&](relay::LogTables& tables) -> Result<void> {
                        TRY(const auto answer,
                            relay::decide(
                                tables,
                                thief,
                                protocol::ReadCard{row.id, Secret::copy_of(row.secret.view())},
                                {1'800'000'000'000}));
                        CHECK(std::holds_alternative<protocol::Refused>(answer.body));
                        return {};
                    })
                    .has_value());
    }
}

TEST_CASE("a guest's stolen and opened home shows no address of the circle beyond its card") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    REQUIRE(scene.town->send("alice", "Zoé", "hello").done());
    REQUIRE(scene.read("zoe", "alice") == Texts{"hello"});
    REQUIRE(scene.town->play("alice", client::Sync{0}).done());
    const auto& alice = scene.town->core("alice")->self;
    const auto shown = scene.town->play("zoe", client::ListContacts{}).first<client::Contact>();
    CHECK(shown.member != alice.member.hex());
    scene.town->close("zoe");
    auto& machine = scene.town->machine("zoe");
    SilentDiary diary;
    client::World world{scene.town->loop(),
                        *machine.seat,
                        machine.clock,
                        scene.town->random(),
                        diary,
                        machine.disk,
                        {32, 1}};
    const Secret passphrase = Secret::copy_of(view_of("a passphrase"));
    auto vault = client::open_vault(world, "/home/zoe", passphrase);
    REQUIRE(vault.has_value());
    const auto count = [&](const auto& row) { return std::get<0>(**row); };
    CHECK(count(vault->one<std::int64_t>("SELECT count(*) FROM members")) == 0);
    CHECK(count(vault->one<std::int64_t>("SELECT count(*) FROM devices")) == 0);
    CHECK(count(vault->one<std::int64_t>("SELECT count(*) FROM self")) == 0);
    CHECK(count(vault->one<std::int64_t>("SELECT count(*) FROM conversations")) == 0);
    // No line of it names her as the circle does.
    CHECK(count(vault->one<std::int64_t>("SELECT count(*) FROM timeline WHERE member = ?1"
                                         " OR device = ?2 OR log = ?3",
                                         alice.member,
                                         alice.device,
                                         alice.inbox)) == 0);
}

TEST_CASE("an opened vault has no key to the letters of before the last there-and-back") {
    CardScene scene;
    scene.bind("Zoé", "zoe");
    for (int turn = 0; turn < 3; ++turn) {
        REQUIRE(scene.town->send("zoe", "alice", "question").done());
        REQUIRE(scene.town->send("alice", "Zoé", "answer").done());
        REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    }
    const FakeLog stored(*scene.town, inbox_of_alice(scene));
    std::vector<envelope::KeyHash> readers;
    for (const auto& entry : stored.entries) {
        if (entry.kind != protocol::EntryKind::Card) continue;
        const auto letter = codec::decode<protocol::CardLetter>(entry.payload);
        const auto reader = envelope::reader_of_card_letter(letter->letter);
        REQUIRE(reader.has_value());
        readers.push_back(*reader);
    }
    // The claim and three questions.
    REQUIRE(readers.size() == 4);
    const auto has = [&](const envelope::KeyHash& hash) {
        const auto row = scene.town->core("alice")->database.one<std::int64_t>(
            "SELECT count(*) FROM card_keys WHERE hash = ?1", hash);
        return std::get<0>(**row) != 0;
    };
    CHECK_FALSE(has(readers[0]));
    CHECK_FALSE(has(readers[1]));
    CHECK_FALSE(has(readers[2]));
    // What the last one was closed to stays until the next one names another.
    CHECK(has(readers[3]));
}

TEST_CASE("a flood of 100000 knocks on a leaked card notifies nobody and is one alarm") {
    CardScene scene;
    const std::string code = scene.make("Zoé");
    REQUIRE(scene.open("zoe", code).done());
    REQUIRE(scene.confirm().done());
    REQUIRE(scene.town->play("zoe", client::Sync{0}).done());
    const auto inbox = inbox_of_alice(scene);
    const std::size_t before = FakeLog(*scene.town, inbox).entries.size();
    knock(scene, code, 100'000);
    // One entry, whatever their number: nothing else has been put before her.
    CHECK(FakeLog(*scene.town, inbox).entries.size() == before + 1);
    scene.town->pass(std::chrono::minutes(2));
    const auto synced = scene.town->play("alice", client::Sync{0});
    const auto told = CardScene::notices(synced);
    REQUIRE(told.size() == 1);
    CHECK(told.front().contains("the card you gave to Zoé was used by someone else"));
    CHECK(read_all(scene, "Zoé").texts().empty());
    CHECK(scene.card("Zoé").leaked == 100'000);
    // It goes on, and she is told no more that day; the count is there for who looks.
    knock(scene, code, 10);
    CHECK(CardScene::notices(scene.town->play("alice", client::Sync{0})).empty());
    CHECK(scene.card("Zoé").leaked == 100'010);
    REQUIRE(scene.town->send("zoe", "alice", "I am still let in").done());
    scene.town->pass(std::chrono::hours(24));
    knock(scene, code, 10);
    CHECK(CardScene::notices(scene.town->play("alice", client::ListCards{})).size() == 1);
    CHECK(CardScene::notices(scene.town->play("alice", client::Sync{0})).empty());
}
