// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A program that lives in a home, on the real loop and with threads: the homes were made in a town
// whose relay is not there any more.

#include <condition_variable>
#include <fstream>
#include <mutex>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "tests/town/town.h"

namespace {

using cercle::Secret;
using cercle::town::Town;
namespace client = cercle::client;

/// Hears on one thread and is asked on another. Outlives the resident, which speaks to it until its
/// end.
class Ear {
  public:
    client::Wish wish(client::Command command) {
        client::Wish wish;
        wish.command = std::move(command);
        wish.on_event = [this](const client::Event& event) {
            const std::scoped_lock guard(mutex_);
            events_.push_back(event);
            changed_.notify_all();
        };
        wish.on_done = [this](const client::Outcome& outcome) {
            const std::scoped_lock guard(mutex_);
            outcomes_.push_back(outcome);
            changed_.notify_all();
        };
        return wish;
    }

    client::Outcome outcome() {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [this] { return !outcomes_.empty(); });
        return outcomes_.front();
    }

    std::size_t outcomes() {
        const std::scoped_lock guard(mutex_);
        return outcomes_.size();
    }

    /// Until an event of that kind came which `fits`.
    template <class Event, class Fits>
    Event heard(Fits fits) {
        std::unique_lock guard(mutex_);
        std::optional<Event> found;
        changed_.wait(guard, [&] {
            for (const auto& event : events_) {
                const auto* one = std::get_if<Event>(&event);
                if (one != nullptr && fits(*one)) found = *one;
            }
            return found.has_value();
        });
        return *found;
    }

    std::vector<std::string> texts() {
        const std::scoped_lock guard(mutex_);
        std::vector<std::string> texts;
        for (const auto& event : events_) {
            if (const auto* message = std::get_if<client::Message>(&event)) {
                texts.push_back(message->text);
            }
        }
        return texts;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<client::Event> events_;
    std::vector<client::Outcome> outcomes_;
};

/// A home on the real disk, joined to a town's circle; nobody listens where its relay should be.
class Scene {
  public:
    Scene() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cercle-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        settings.home = folder_ / "alice";
        std::filesystem::create_directory(settings.home);
        std::filesystem::permissions(settings.home, std::filesystem::perms::owner_all);
        settings.passphrase = [] { return Secret::copy_of(cercle::view_of("a passphrase")); };
        const auto town = Town::with({"bertrand"});
        const auto seat = town->network().seat();
        cercle::SilentDiary diary;
        cercle::store::SystemDisk disk;
        client::World world{
            town->loop(), *seat, town->loop().clock(), town->random(), diary, disk, {32, 1}};
        client::MemberOwner owner(world, settings);
        const auto play = [&](client::Command command) {
            const auto played = town->loop().run_until(
                owner.perform({client::Area::Client, 60, cercle::codec::encode(command)},
                              [](const cercle::Bytes& /*event*/) {}));
            REQUIRE(played.has_value());
            CHECK(played->exit == client::Exit::Done);
        };
        play(town->invite("alice"));
        play(client::Send{"bertrand", "avant"});
        REQUIRE(town->loop().run_until(owner.stop()).has_value());
        settings.trust_file = folder_ / "trust";
        std::ofstream(*settings.trust_file) << "relay 127.0.0.1:9\n";
    }

    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    ~Scene() { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::unique_ptr<client::Resident> open() const {
        auto opened = client::Resident::open(settings);
        REQUIRE(opened.has_value());
        return *std::move(opened);
    }

    client::Settings settings;

  private:
    std::filesystem::path folder_;
};

client::Outcome outcome_of(client::Resident& resident, client::Command command) {
    Ear ear;
    REQUIRE(resident.submit(ear.wish(std::move(command))).has_value());
    return ear.outcome();
}

/// The home is free, and holds this.
std::vector<std::string> texts_in(const Scene& scene) {
    const auto resident = scene.open();
    Ear ear;
    REQUIRE(resident->submit(ear.wish(client::Read{"bertrand"})).has_value());
    CHECK(ear.outcome().exit == client::Exit::Done);
    return ear.texts();
}

}  // namespace

TEST_CASE("a resident does commands while it watches, and keeps what is written without a relay") {
    Scene scene;
    Ear watching;
    auto resident = scene.open();
    REQUIRE(resident->submit(watching.wish(client::Watch{})).has_value());
    const auto conversation = watching.heard<client::ConversationShown>(
        [](const auto& one) { return one.name == "bertrand"; });
    CHECK(conversation.last->text == "avant");
    CHECK(watching.heard<client::Status>([](const auto&) { return true; }).online == 0);
    const auto sent = outcome_of(*resident, client::Send{conversation.conversation, "après"});
    CHECK(sent.exit == client::Exit::Queued);
    const auto message =
        watching.heard<client::Message>([](const auto& one) { return one.text == "après"; });
    CHECK(message.state == "queued");
    CHECK(watching.heard<client::Status>([](const auto& one) { return one.queued == 1; }).locked ==
          0);
    resident->stop();
    CHECK(watching.outcome().exit == client::Exit::Interrupted);
    CHECK(watching.outcomes() == 1);
    CHECK(texts_in(scene) == std::vector<std::string>{"avant", "après"});
}

TEST_CASE(
    "a resident whose home another process owns is served by it, and takes over when it ends") {
    Scene scene;
    Ear watching;
    auto owner = scene.open();
    CHECK(outcome_of(*owner, client::ListOutbox{}).exit == client::Exit::Done);
    auto guest = scene.open();
    REQUIRE(guest->submit(watching.wish(client::Watch{})).has_value());
    const auto peer = watching.heard<client::ConversationShown>(
        [](const auto& one) { return !one.peer.empty(); });
    CHECK(outcome_of(*guest, client::Send{peer.peer, "de l’hôte"}).exit == client::Exit::Queued);
    watching.heard<client::Message>([](const auto& one) { return one.text == "de l’hôte"; });
    owner->stop();
    owner.reset();
    CHECK(outcome_of(*guest, client::Send{peer.peer, "du maître"}).exit == client::Exit::Queued);
    watching.heard<client::Message>([](const auto& one) { return one.text == "du maître"; });
    CHECK(watching.outcomes() == 0);  // the watch went on without a word
    guest->stop();
    CHECK(texts_in(scene) == std::vector<std::string>{"avant", "de l’hôte", "du maître"});
}

TEST_CASE(
    "each wish of a resident that is stopped gets one outcome, and none is taken afterwards") {
    Scene scene;
    Ear late;
    auto resident = scene.open();
    std::vector<std::unique_ptr<Ear>> ears;
    for (int number = 0; number < 40; ++number) {
        ears.push_back(std::make_unique<Ear>());
        client::Command command = client::Send{"bertrand", std::to_string(number)};
        if (number % 4 == 1) command = client::Watch{};
        if (number % 4 == 2) command = client::Sync{600};
        client::Wish wish = ears.back()->wish(std::move(command));
        if (number % 4 == 3) wish.patience = std::chrono::seconds(600);
        REQUIRE(resident->submit(std::move(wish)).has_value());
    }
    resident->stop();
    for (const auto& ear : ears)
        CHECK(ear->outcomes() == 1);
    CHECK_FALSE(resident->submit(late.wish(client::ShowStatus{})).has_value());
    CHECK(late.outcomes() == 0);
}

TEST_CASE("a wish that is cancelled ends, and the others go on") {
    Scene scene;
    Ear cancelled;
    Ear other;
    auto resident = scene.open();
    const auto ticket = resident->submit(cancelled.wish(client::Watch{}));
    REQUIRE(resident->submit(other.wish(client::Watch{})).has_value());
    cancelled.heard<client::Reached>([](const auto&) { return true; });
    resident->cancel(*ticket);
    CHECK(cancelled.outcome().exit == client::Exit::Interrupted);
    CHECK(outcome_of(*resident, client::Send{"bertrand", "encore"}).exit == client::Exit::Queued);
    other.heard<client::Message>([](const auto& one) { return one.text == "encore"; });
    CHECK(cancelled.texts().empty());
    CHECK(other.outcomes() == 0);
}

TEST_CASE("a locked home asks for its passphrase before anything else, and once") {
    Scene scene;
    int asked = 0;
    scene.settings.passphrase = [&asked] {
        ++asked;
        return std::optional(Secret::copy_of(cercle::view_of("a passphrase")));
    };
    {
        auto resident = scene.open();
        CHECK(asked == 1);
        CHECK(outcome_of(*resident, client::ListOutbox{}).exit == client::Exit::Done);
        CHECK(outcome_of(*resident, client::ListOutbox{}).exit == client::Exit::Done);
    }
    CHECK(asked == 1);
    scene.settings.passphrase = [] {
        return std::optional(Secret::copy_of(cercle::view_of("another")));
    };
    const auto wrong = client::Resident::open(scene.settings);
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().exit == client::Exit::Locked);
    scene.settings.passphrase = nullptr;
    const auto none = client::Resident::open(scene.settings);
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().rule == "vault-locked");
}

TEST_CASE("a home without a device says so to whoever would live in it") {
    Scene scene;
    scene.settings.home = scene.settings.home.parent_path() / "empty";
    auto resident = scene.open();
    CHECK(outcome_of(*resident, client::Watch{}).rule == "home-missing");
}
