// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/picture.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"
#include "identity/directory.h"
#include "identity/passport.h"
#include "tests/must.h"
#include "tests/stage/faces.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace std::chrono_literals;

bool is_unfit(BytesView picture) {
    const auto judged = judge_picture(picture);
    return !judged && judged.error().code == Code::picture_unfit;
}

/// Why it is, in words for who chose it.
std::string reason(BytesView picture) {
    const auto judged = judge_picture(picture);
    REQUIRE_FALSE(judged.has_value());
    return judged.error().reason.text;
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& one : parts)
        stage::add(all, one);
    return all;
}

/// Every beginning of a file, and it with something behind.
void check_is_whole(const Bytes& picture) {
    REQUIRE(judge_picture(picture).has_value());
    for (std::size_t size = 0; size < picture.size(); ++size)
        CHECK(is_unfit(BytesView(picture).first(size)));
    Bytes longer = picture;
    longer.push_back(0);
    CHECK(is_unfit(longer));
}

}  // namespace

TEST_CASE("a picture of each kind is known by its bytes, with its sides") {
    CHECK(must(judge_picture(stage::jpeg(128, 96))) == PictureShape{PictureKind::Jpeg, 128, 96});
    CHECK(must(judge_picture(stage::png(128, 96))) == PictureShape{PictureKind::Png, 128, 96});
    CHECK(must(judge_picture(stage::webp(stage::vp8(128, 96)))) ==
          PictureShape{PictureKind::Webp, 128, 96});
    const Bytes lossless = stage::webp_chunk("VP8L", Bytes{0x2f, 0x7f, 0xc0, 0x17, 0x00, 1, 2});
    CHECK(must(judge_picture(stage::webp(lossless))) == PictureShape{PictureKind::Webp, 128, 96});
    const Bytes with_alpha = joined(
        {stage::vp8x(0x10, 128, 96), stage::webp_chunk("ALPH", Bytes(9, 7)), stage::vp8(128, 96)});
    CHECK(must(judge_picture(stage::webp(with_alpha))) == PictureShape{PictureKind::Webp, 128, 96});
    CHECK(extension_of(PictureKind::Jpeg) == ".jpg");
    CHECK(extension_of(PictureKind::Png) == ".png");
    CHECK(extension_of(PictureKind::Webp) == ".webp");
}

TEST_CASE("attack: a picture that says more than it shows is refused, whatever its kind") {
    const Bytes where = to_bytes(std::string_view("Exif\0\0 48.8704 N 2.3167 E", 25));
    const std::string sentence = reason(stage::jpeg(128, 96, 300, 1, stage::segment(0xe1, where)));
    CHECK(sentence.find("strip") != std::string::npos);
    // Of other applications, comments, a small picture within JFIF.
    for (const int marker : {0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xef, 0xfe}) {
        INFO(marker);
        CHECK(reason(stage::jpeg(128, 96, 300, 1, stage::segment(marker, where))) == sentence);
    }
    Bytes jfif = to_bytes(std::string_view("JFIF\0\1\1\0\0\1\0\1\0\0", 14));
    CHECK_FALSE(is_unfit(stage::jpeg(128, 96, 300, 1, stage::segment(0xe0, jfif))));
    jfif[12] = 1;
    CHECK(reason(stage::jpeg(128, 96, 300, 1, stage::segment(0xe0, jfif))) == sentence);
    for (const std::string_view kind : {"tEXt", "zTXt", "iTXt", "eXIf", "tIME", "iCCP", "acTL"}) {
        INFO(kind);
        CHECK(reason(stage::png(128, 96, stage::png_chunk(kind, where))) == sentence);
    }
    CHECK_FALSE(is_unfit(stage::png(128, 96, stage::png_chunk("sRGB", Bytes{0}))));
    for (const int flag : {0x20, 0x08, 0x04, 0x02}) {
        INFO(flag);
        const Bytes canvas = joined({stage::vp8x(flag, 128, 96), stage::vp8(128, 96)});
        CHECK(reason(stage::webp(canvas)) == sentence);
    }
    for (const std::string_view kind : {"EXIF", "XMP ", "ICCP", "ANIM"}) {
        INFO(kind);
        const Bytes extra = stage::webp_chunk(kind, where);
        const Bytes canvas = stage::vp8x(0, 128, 96);
        CHECK(reason(stage::webp(joined({extra, stage::vp8(128, 96)}))) == sentence);
        CHECK(reason(stage::webp(joined({canvas, extra, stage::vp8(128, 96)}))) == sentence);
        CHECK(reason(stage::webp(joined({stage::vp8(128, 96), extra}))) == sentence);
    }
}

TEST_CASE("a picture has 8 KiB, 512 points on each side, and one of three kinds") {
    CHECK(judge_picture(stage::jpeg(512, 512, longest_picture)).has_value());
    CHECK(reason(stage::jpeg(512, 512, longest_picture + 1)).find("8 KiB") != std::string::npos);
    CHECK(reason(stage::jpeg(513, 128)).find("512 points") != std::string::npos);
    CHECK(is_unfit(stage::jpeg(128, 0)));
    CHECK(is_unfit(stage::png(0, 128)));
    CHECK(is_unfit(stage::png(128, 513)));
    CHECK(is_unfit(stage::webp(stage::vp8(513, 128))));
    CHECK(is_unfit({}));
    CHECK(is_unfit(to_bytes(std::string_view("GIF89a"))));
    CHECK(is_unfit(to_bytes(std::string_view("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"))));
    CHECK(is_unfit(Bytes(500, 0xff)));
    // A canvas that is another size than what is on it.
    const Bytes canvas = joined({stage::vp8x(0, 100, 96), stage::vp8(128, 96)});
    CHECK(is_unfit(stage::webp(canvas)));
}

TEST_CASE("attack: a picture of more than 8 bits for each colour is refused") {
    constexpr std::size_t depth_of_png = 8 + 4 + 4 + 8;
    constexpr std::size_t precision_of_jpeg = 2 + 4;
    Bytes png = stage::png(128, 96);
    Bytes jpeg = stage::jpeg(128, 96);
    REQUIRE(png.at(depth_of_png) == 8);
    REQUIRE(jpeg.at(precision_of_jpeg) == 8);
    png.at(depth_of_png) = 16;
    CHECK(reason(png).find("8 bits") != std::string::npos);
    png.at(depth_of_png) = 4;
    CHECK_FALSE(is_unfit(png));
    for (const std::uint8_t precision : Bytes{0, 4, 12, 16}) {
        jpeg.at(precision_of_jpeg) = precision;
        CHECK(reason(jpeg).find("8 bits") != std::string::npos);
    }
}

TEST_CASE("a picture that was cut anywhere, or has something behind it, is none") {
    check_is_whole(stage::jpeg(128, 96));
    check_is_whole(stage::png(128, 96));
    check_is_whole(stage::webp(stage::vp8(128, 96)));
    check_is_whole(stage::webp(joined({stage::vp8x(0x10, 128, 96), stage::vp8(128, 96)})));
    // Two frames in one; nothing drawn; drawn before its sides are said.
    const Bytes frame = stage::segment(0xc0, Bytes{8, 0, 96, 0, 128, 1, 1, 0x11, 0});
    CHECK(is_unfit(stage::jpeg(128, 96, 300, 1, frame)));
    CHECK(is_unfit(joined({Bytes{0xff, 0xd8}, frame, Bytes{0xff, 0xd9}})));
    const Bytes scan = stage::segment(0xda, Bytes{1, 1, 0, 0, 0x3f, 0});
    CHECK(is_unfit(joined({Bytes{0xff, 0xd8}, scan, frame, Bytes{0xff, 0xd9}})));
}

TEST_CASE("a page says of each member's picture that there is none, its hash, or itself") {
    constexpr WallTime now{1'800'000'000'000ms};
    crypto::SystemRandom random;
    const auto authority = must(Authority::found(now, random));
    const Bytes face = stage::jpeg(128, 96);
    DirectoryPage page;
    page.number = {1};
    page.circle_name = "Conseil";
    for (const Portrait& portrait :
         {Portrait(NoPicture{}), Portrait(crypto::sha256(face)), Portrait(face)}) {
        page.members.push_back({MemberId::random(random), "Zoé", "minister"});
        page.members.back().portrait = portrait;
    }
    const auto opened = must(open_page(sign_page(page, authority).reveal(), authority.root(), now));
    REQUIRE(opened.members.size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(opened.members.at(i).portrait == page.members.at(i).portrait);
    // One that says so of nobody: the last three bytes are three times none, after their length.
    for (DirectoryMember& one : page.members)
        one.portrait = NoPicture{};
    Bytes short_of_all = codec::encode(page);
    short_of_all.resize(short_of_all.size() - 3);
    short_of_all.back() = 0;
    CHECK(codec::decode<DirectoryPage>(short_of_all).error().code == Code::malformed);
}
