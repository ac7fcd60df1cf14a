// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The trip of a file: taken in, closed, carried beside the messages, fetched; and what is refused.

#include "tests/journeys/file_story.h"

namespace {

using namespace cercle;
using namespace cercle::town;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("a watch tells how far a file of this device's has come, in percent and each once") {
    Story story;
    const auto watching = story.town->begin("alice", client::Watch{});
    story.town->pass(Duration{1000});
    REQUIRE(story.send().done());
    story.town->pass(Duration{1000});
    std::vector<std::uint64_t> told;
    for (const auto& event : watching->played.events) {
        const auto* progress = std::get_if<client::FileProgress>(&event);
        if (progress == nullptr) continue;
        CHECK(progress->act == client::FileProgress::Act::Sending);
        CHECK(progress->message == message);
        CHECK(progress->total == story.content.size());
        CHECK(progress->trouble.empty());
        told.push_back(progress->done);
    }
    CHECK(told.size() > 4);
    CHECK(std::ranges::is_sorted(told));
    CHECK(std::ranges::adjacent_find(told) == told.end());
    story.town->close("alice");
}

TEST_CASE("a file answers a message, and a message answers a file") {
    Story story;
    const auto question =
        story.town->send("bertrand", "alice", "où est le plan ?").first<client::Sent>();
    REQUIRE(
        story.town
            ->play("alice",
                   client::Send{"bertrand", "", message, path_bytes(story.source()), question.id})
            .done());
    REQUIRE(story.town->play("bertrand", client::Send{"alice", "merci", {}, {}, message}).done());
    std::vector<client::Message> read;
    for (const auto& event : story.town->play("alice", client::Read{"bertrand"}).events) {
        if (const auto* one = std::get_if<client::Message>(&event)) read.push_back(*one);
    }
    REQUIRE(read.size() >= 2);
    const auto& file = read[read.size() - 2];
    REQUIRE(file.reply_to.has_value());
    CHECK(file.reply_to->text == "où est le plan ?");
    REQUIRE(read.back().reply_to.has_value());
    CHECK(read.back().reply_to->message == message);
    CHECK(read.back().reply_to->text.empty());
    CHECK(read.back().reply_to->file == "Rapport.pdf");
    const auto shown =
        story.town->play("alice", client::ListConversations{}).first<client::ConversationShown>();
    CHECK(shown.last->text == "merci");
}

TEST_CASE("what is said while a file is on its way is the last that was said") {
    Story story(16 * mebibyte);
    const auto sending = story.town->begin(
        "alice", client::Send{"bertrand", "", message, path_bytes(story.source())}, 600);
    story.pass_until_sent(4);
    REQUIRE(story.town->send("bertrand", "alice", "entre-temps").done());
    const auto shown =
        story.town->play("alice", client::ListConversations{}).first<client::ConversationShown>();
    REQUIRE(shown.last.has_value());
    CHECK(shown.last->text == "entre-temps");
}

TEST_CASE("a file sent on one device arrives on another as it was, byte by byte") {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{65'536}, std::size_t{65'537}, 700'001UL}) {
        Story story(size);
        const auto sent = story.send();
        REQUIRE(sent.done());
        CHECK(sent.first<client::Sent>().state == "durable");
        const auto shown = story.shown();
        CHECK(shown.name == "Rapport.pdf");
        CHECK(shown.size == size);
        const auto fetched = story.fetch();
        REQUIRE(fetched.done());
        CHECK(fetched.first<client::Fetched>().attachment.sha256 == shown.sha256);
        CHECK(read_file(story.target()) == story.content);
        CHECK_FALSE(std::filesystem::exists(story.part()));
        CHECK(all_once(story.puts));
        CHECK(all_once(story.gets));
        CHECK(story.gets.size() == story.puts.size());
    }
}

TEST_CASE("a file may go without a text, and its author can fetch it back") {
    Story story(100'000);
    REQUIRE(story.send(60, "").done());
    CHECK(story.town->read("bertrand", "alice") == std::vector<std::string>{"bonjour", ""});
    CHECK(story.shown().size == 100'000);
    const auto own = story.town->play("alice", client::Fetch{message, path_bytes(story.target())});
    REQUIRE(own.done());
    CHECK(read_file(story.target()) == story.content);
}

TEST_CASE("a person sees a file go and come, percent by percent, to its end") {
    Story story(4 * mebibyte);
    std::map<client::FileProgress::Act, std::uint64_t> last;
    for (const auto& played : {story.send(), story.fetch()}) {
        for (const auto& event : played.events) {
            const auto* progress = std::get_if<client::FileProgress>(&event);
            if (progress == nullptr) continue;
            CHECK(progress->total == 4 * mebibyte);
            CHECK(progress->done >= last[progress->act]);
            last[progress->act] = progress->done;
        }
    }
    for (const auto act : {client::FileProgress::Act::Reading,
                           client::FileProgress::Act::Sending,
                           client::FileProgress::Act::Receiving}) {
        CHECK(last[act] == 4 * mebibyte);
    }
}

TEST_CASE("nothing that stands under a name already is written over, nor a part of others") {
    Story story(100'000);
    REQUIRE(story.send().done());
    write_file(story.target(), "mine");
    CHECK(story.fetch().outcome.rule == "already-exists");
    CHECK(read_file(story.target()) == "mine");
    std::filesystem::remove(story.target());
    write_file(story.part(), "mine too");
    CHECK(story.fetch().outcome.rule == "already-exists");
    CHECK(read_file(story.part()) == "mine too");
    std::filesystem::remove(story.part());
    CHECK(story.fetch().done());
    const auto nowhere = story.desktop.path() / "none" / "file";
    CHECK(story.town->play("bertrand", client::Fetch{message, path_bytes(nowhere)}).outcome.rule ==
          "not-found");
}

TEST_CASE("the same id sends a file once, and another file, name or text under it is refused") {
    Story story(100'000);
    const auto first = story.send();
    const auto again = story.send();
    REQUIRE((first.done() && again.done()));
    CHECK(first.first<client::Sent>().seq == again.first<client::Sent>().seq);
    CHECK(all_once(story.puts));
    CHECK(story.send(60, "autre").outcome.rule == "id-reused");
    write_file(story.source(), content_of(100'001));
    CHECK(story.send().outcome.rule == "id-reused");
    CHECK(story.town->play("alice", client::Send{"bertrand", "voici", message}).outcome.rule ==
          "id-reused");
    REQUIRE(
        story.town->play("alice", client::Send{"bertrand", "texte", "01" + std::string(30, '0')})
            .done());
    CHECK(story.town
              ->play(
                  "alice",
                  client::Send{
                      "bertrand", "texte", "01" + std::string(30, '0'), path_bytes(story.source())})
              .outcome.rule == "id-reused");
    CHECK(story.town->read("bertrand", "alice") ==
          std::vector<std::string>{"bonjour", "voici", "texte"});
}

TEST_CASE("what is no file, is missing or too large is refused, and nothing is sent") {
    Story story(100);
    const auto refused = [&story](const std::filesystem::path& path) {
        return story.town->play("alice", client::Send{"bertrand", "voici", {}, path_bytes(path)})
            .outcome.rule;
    };
    CHECK(refused(story.desktop.path()) == "invalid-argument");
    CHECK(refused(story.desktop.path() / "none") == "not-found");
    const auto huge = story.desktop.path() / "huge";
    write_file(huge, "");
    std::filesystem::resize_file(huge, 100 * mebibyte + 1);
    CHECK(refused(huge) == "too-large");
    CHECK(story.town->read("bertrand", "alice") == std::vector<std::string>{"bonjour"});
    CHECK(story.puts.empty());
}

TEST_CASE("a message without a file, and one that nobody knows, are told apart") {
    Story story(100);
    const auto id = story.town->send("alice", "bertrand", "texte").first<client::Sent>().id;
    REQUIRE_FALSE(story.town->read("bertrand", "alice").empty());
    const auto rule = [&story](const std::string& which) {
        return story.town->play("bertrand", client::Fetch{which, path_bytes(story.target())})
            .outcome.rule;
    };
    CHECK(rule(id) == "no-attachment");
    CHECK(rule(std::string(32, 'a')) == "unknown");
    CHECK(rule("nonsense") == "invalid-argument");
    CHECK(rule("") == "invalid-argument");
    CHECK(std::filesystem::is_empty(story.target().parent_path()) == false);
    CHECK_FALSE(std::filesystem::exists(story.part()));
}
