// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A relay that refuses: what it refuses is kept and its author told, whatever reason it gives, and
// it goes when the relay comes to reason. Its no is its word, and ends nothing.

#include <algorithm>
#include <array>
#include <format>
#include <optional>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using protocol::Refusal;
using protocol::RequestBody;
using protocol::ResponseBody;
using town::Town;
using Texts = std::vector<std::string>;

/// Every refusal that there is, and one of a later version.
std::vector<Refusal> all_refusals() {
    std::vector<Refusal> all;
    for (int number = 1; number <= static_cast<int>(Refusal::Closing) + 1; ++number)
        all.push_back(static_cast<Refusal>(number));
    return all;
}

/// Answers every request of that kind so. How often it was asked is counted.
template <class Kind>
std::shared_ptr<std::size_t> refuse(Town& town, Refusal refusal) {
    auto count = std::make_shared<std::size_t>(0);
    town.its_operator().on_request(
        [refusal, count](town::Session /*session*/,
                         const RequestBody& request) -> std::optional<ResponseBody> {
            if (!std::holds_alternative<Kind>(request)) return std::nullopt;
            ++*count;
            return protocol::Refused{refusal};
        });
    return count;
}

/// A group is made and written into while the relay refuses what kind of request it takes; then it
/// is served, and its other member reads what was written.
template <class Kind>
void refuse_in_the_making_of_a_group() {
    auto town = Town::with({"alice", "bertrand"});
    for (const Refusal refusal : all_refusals()) {
        const std::string group = std::format("group {}", static_cast<int>(refusal));
        INFO(group);
        const auto count = refuse<Kind>(*town, refusal);
        const auto made = town->play("alice", client::CreateGroup{group, {"bertrand"}}, 5);
        CHECK_FALSE(made.done());
        CHECK(*count > 0);
        const auto sent = town->play("alice", client::Send{group, "despite all", {}}, 5);
        CHECK(sent.template first<client::Sent>().state != "");
        CHECK(sent.template first<client::Sent>().state != "failed");
        town->pass(std::chrono::minutes(2));
        // It does not hammer at the door.
        CHECK(*count < 60);
        town->its_operator().be_honest();
        REQUIRE(town->play("alice", client::Sync{0}).done());
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        CHECK(town->read("bertrand", group) == Texts{"despite all"});
    }
}

/// What identifies a request for the relay.
template <class Kind>
Bytes id_of(const Kind& request) {
    if constexpr (requires { request.entries; }) {
        return to_bytes(request.entries.front().id.view());
    } else if constexpr (requires { request.entry; }) {
        return to_bytes(request.entry.id.view());
    } else {
        return to_bytes(request.id.view());
    }
}

/// The first id of that kind stands for something else at the relay, for ever.
template <class Kind>
void spoil_the_first_id() {
    auto town = Town::with({"alice", "bertrand"});
    auto spoiled = std::make_shared<std::optional<Bytes>>();
    auto others = std::make_shared<std::size_t>(0);
    town->its_operator().on_request(
        [spoiled, others](town::Session /*session*/,
                          const RequestBody& request) -> std::optional<ResponseBody> {
            const auto* const asked = std::get_if<Kind>(&request);
            if (asked == nullptr) return std::nullopt;
            const Bytes id = id_of(*asked);
            if (!*spoiled) *spoiled = id;
            if (**spoiled == id) return protocol::Refused{Refusal::IdReused};
            ++*others;
            return std::nullopt;
        });
    static_cast<void>(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}, 5));
    static_cast<void>(town->play("alice", client::Send{"cellule", "despite all", {}}, 5));
    REQUIRE(town->play("alice", client::Sync{0}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(spoiled->has_value());
    CHECK(*others > 0);
    CHECK(town->read("bertrand", "cellule") == Texts{"despite all"});
}

}  // namespace

TEST_CASE("refusal of messages: a device keeps what it wrote until the relay comes to reason") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "alice begins").done());
    REQUIRE(town->send("bertrand", "alice", "bertrand too").done());
    for (const Refusal refusal : all_refusals()) {
        const auto count = refuse<protocol::Post>(*town, refusal);
        const std::string text = std::format("despite {}", static_cast<int>(refusal));
        INFO(text);
        CHECK_FALSE(town->play("alice", client::Send{"bertrand", text, {}}, 5).done());
        // It does not hammer at the door.
        CHECK(*count < 200);
        town->its_operator().be_honest();
        REQUIRE(town->play("alice", client::Sync{0}).done());
        CHECK(town->read("bertrand", "alice").back() == text);
    }
}

TEST_CASE("refusal of logs: a conversation waits with all that is written in it") {
    refuse_in_the_making_of_a_group<protocol::CreateLog>();
}

TEST_CASE("refusal of key packages: a conversation waits with all that is written in it") {
    refuse_in_the_making_of_a_group<protocol::TakeKeyPackage>();
}

TEST_CASE("refusal of commits: a conversation waits with all that is written in it") {
    refuse_in_the_making_of_a_group<protocol::PostBundle>();
}

TEST_CASE("refusal of letters: whoever was taken in gets the Welcome when the relay takes it") {
    refuse_in_the_making_of_a_group<protocol::Deposit>();
}

TEST_CASE("refusal of letters: who has added somebody is told, and so is who synchronises") {
    auto town = Town::with({"alice", "bertrand"});
    static_cast<void>(refuse<protocol::Deposit>(*town, Refusal::LogFull));
    const auto made = town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}, 5);
    CHECK(made.outcome.rule == "log-full");
    CHECK(town->play("alice", client::Sync{0}).outcome.rule == "log-full");
    REQUIRE(town->send("alice", "cellule", "bonjour").done());
    town->its_operator().be_honest();
    CHECK(town->play("alice", client::Sync{0}).done());
}

TEST_CASE("refusal of one letter: others go, and it goes away with who it was for") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    const auto inbox = town->core("bertrand")->self.inbox;
    town->its_operator().on_request(
        [inbox](town::Session /*session*/,
                const RequestBody& request) -> std::optional<ResponseBody> {
            const auto* const deposit = std::get_if<protocol::Deposit>(&request);
            if (deposit == nullptr || deposit->inbox != inbox) return std::nullopt;
            return protocol::Refused{Refusal::Refused};
        });
    CHECK_FALSE(
        town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}, 5).done());
    REQUIRE(town->send("alice", "cellule", "bonjour").done());
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    CHECK(town->read("chloe", "cellule") == Texts{"bonjour"});
    // Another conversation has nothing to do with it.
    CHECK(town->play("alice", client::CreateGroup{"autre", {"chloe"}}, 5).done());
    using Act = client::ChangeGroup::Act;
    CHECK(town->play("alice", client::ChangeGroup{Act::Remove, "cellule", "bertrand"}).done());
    CHECK(town->play("alice", client::Sync{0}).done());
}

TEST_CASE(
    "key packages that are no use: a few are spent, and whoever was to come in can be left out") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    const auto inbox = town->core("bertrand")->self.inbox;
    std::set<Bytes> taken;
    town->its_operator().on_request(
        [&](town::Session /*session*/, const RequestBody& request) -> std::optional<ResponseBody> {
            const auto* const take = std::get_if<protocol::TakeKeyPackage>(&request);
            if (take == nullptr || take->inbox != inbox) return std::nullopt;
            taken.insert(to_bytes(take->id.view()));
            return protocol::Package{Bytes(1024, 7)};
        });
    const client::CreateGroup create{"cellule", {"bertrand", "chloe"}};
    CHECK(town->play("alice", create, 5).outcome.rule == "no-key-package");
    CHECK_FALSE(town->play("alice", client::Send{"cellule", "bonjour", {}}, 5).done());
    town->pass(std::chrono::minutes(30));
    CHECK(taken.size() == 4);
    using Act = client::ChangeGroup::Act;
    CHECK(town->play("alice", client::ChangeGroup{Act::Remove, "cellule", "bertrand"}).done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    CHECK(town->read("chloe", "cellule") == Texts{"bonjour"});
}

TEST_CASE("refusal of what a session begins with: the device comes back, ever more slowly") {
    for (const bool top_up : {false, true}) {
        auto town = Town::with({"alice", "bertrand"});
        town->close("alice");
        const auto count = top_up ? refuse<protocol::CountKeyPackages>(*town, Refusal::Refused)
                                  : refuse<protocol::OpenLog>(*town, Refusal::Refused);
        const auto sent = town->begin("alice", client::Send{"bertrand", "bonjour", {}}, 5);
        town->pass(std::chrono::minutes(10));
        CHECK(*count > 0);
        CHECK(*count < 60);
        // Nothing else waits for the relay to take key packages.
        CHECK((sent->played.first<client::Sent>().state == "durable") == top_up);
        town->its_operator().be_honest();
        REQUIRE(town->play("alice", client::Sync{0}).done());
        CHECK(town->read("bertrand", "alice") == Texts{"bonjour"});
    }
}

TEST_CASE("hoarding: a relay that says it has no key package has a device make a limited number") {
    auto town = Town::with({"alice", "bertrand"});
    town->its_operator().on_request(
        [](town::Session /*session*/, const RequestBody& request) -> std::optional<ResponseBody> {
            if (std::holds_alternative<protocol::CountKeyPackages>(request)) {
                return protocol::Count{0};
            }
            if (std::holds_alternative<protocol::PutKeyPackages>(request)) {
                return protocol::Refused{Refusal::Refused};
            }
            return std::nullopt;
        });
    for (int round = 0; round < 100; ++round)
        static_cast<void>(town->play("alice", client::Sync{0}, 2));
    const auto made =
        town->core("alice")->database.one<std::int64_t>("SELECT count(*) FROM key_packages");
    REQUIRE(made.has_value());
    CHECK(std::get<0>(**made) < 100);
}

TEST_CASE("spoiled ids: what the relay has put something else under goes under another id") {
    spoil_the_first_id<protocol::Post>();
    spoil_the_first_id<protocol::PostBundle>();
    spoil_the_first_id<protocol::Deposit>();
    spoil_the_first_id<protocol::TakeKeyPackage>();
}

TEST_CASE(
    "taken and refused: a message that the relay denies having taken is said and counted once") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "alice begins").done());
    Texts said{"alice begins"};
    for (const Refusal refusal : all_refusals()) {
        auto lies = std::make_shared<int>(1);
        town->its_operator().rewrite([refusal, lies](town::Session, protocol::FromRelay& frame) {
            auto* const response = std::get_if<protocol::Response>(&frame);
            if (response == nullptr || *lies == 0) return;
            if (!std::holds_alternative<protocol::Posted>(response->body)) return;
            --*lies;
            response->body = protocol::Refused{refusal};
        });
        said.push_back(std::format("denied {}", static_cast<int>(refusal)));
        static_cast<void>(town->play("alice", client::Send{"bertrand", said.back(), {}}, 5));
        CHECK(*lies == 0);
        town->its_operator().be_honest();
        REQUIRE(town->play("alice", client::Sync{0}).done());
    }
    for (const char* home : {"alice", "bertrand"}) {
        const auto read = town->play(
            home,
            client::Read{
                home == std::string("alice") ? "bertrand" : "alice", 0, 0, client::Follow::No});
        for (const auto& event : read.events)
            CHECK_FALSE(std::holds_alternative<client::Gap>(event));
    }
    CHECK(town->read("bertrand", "alice") == said);
    CHECK(town->read("alice", "bertrand") == said);
}

TEST_CASE(
    "taken and refused: a commit that the relay denies having taken is followed all the same") {
    auto town = Town::with({"alice", "bertrand"});
    for (const Refusal refusal : all_refusals()) {
        const std::string group = std::format("group {}", static_cast<int>(refusal));
        INFO(group);
        auto lies = std::make_shared<int>(1);
        town->its_operator().rewrite([refusal, lies](town::Session, protocol::FromRelay& said) {
            auto* const response = std::get_if<protocol::Response>(&said);
            if (response == nullptr || *lies == 0) return;
            if (!std::holds_alternative<protocol::Posted>(response->body)) return;
            --*lies;
            response->body = protocol::Refused{refusal};
        });
        static_cast<void>(town->play("alice", client::CreateGroup{group, {"bertrand"}}, 5));
        CHECK(*lies == 0);
        town->its_operator().be_honest();
        REQUIRE(town->play("alice", client::Send{group, "all the same", {}}).done());
        REQUIRE(town->play("bertrand", client::Sync{0}).done());
        CHECK(town->read("bertrand", group) == Texts{"all the same"});
    }
}

TEST_CASE("taken, hidden and refused: a message that was closed twice is shown once") {
    auto town = Town::with({"alice", "bertrand"});
    REQUIRE(town->send("alice", "bertrand", "alice begins").done());
    REQUIRE(town->send("bertrand", "alice", "bertrand too").done());
    REQUIRE(town->play("alice", client::Sync{0}).done());
    const auto alice = town->device_key("alice");
    auto posts = std::make_shared<int>(0);
    town->its_operator().rewrite(
        [&town, alice, posts](town::Session session, protocol::FromRelay& said) {
            auto* const response = std::get_if<protocol::Response>(&said);
            if (response == nullptr || town->its_operator().device(session) != alice) return;
            if (std::holds_alternative<protocol::Posted>(response->body)) {
                if (++*posts == 1) response->body = protocol::Refused{Refusal::IdReused};
                return;
            }
            // What he denies, he does not show either, until it has come once more.
            auto* const entries = std::get_if<protocol::Entries>(&response->body);
            if (entries == nullptr || entries->entries.empty() || *posts != 1) return;
            entries->head = entries->entries.front().seq.before();
            entries->entries.clear();
        });
    static_cast<void>(town->play("alice", client::Send{"bertrand", "said once", {}}, 5));
    REQUIRE(town->play("alice", client::Sync{0}).done());
    CHECK(*posts == 2);
    town->its_operator().be_honest();
    REQUIRE(town->play("alice", client::Sync{0}).done());
    CHECK(town->read("bertrand", "alice") == Texts{"alice begins", "bertrand too", "said once"});
    CHECK(town->read("alice", "bertrand") == Texts{"alice begins", "bertrand too", "said once"});
}
