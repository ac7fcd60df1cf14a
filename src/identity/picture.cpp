// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/picture.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "codec/tls.h"

namespace cercle::identity {
namespace {

std::unexpected<Error> not_whole() {
    return fail(Code::picture_unfit,
                "a picture is a whole JPEG, PNG or WebP file, and this is none that can be used");
}

std::unexpected<Error> says_more() {
    return fail(Code::picture_unfit,
                "the picture carries more than it shows, such as where it was taken; strip it"
                " first, such as with: magick FILE -strip NEW");
}

/// Whatever decodes it makes room for no more than that (decision 70).
constexpr std::uint8_t deepest = 8;

std::unexpected<Error> too_deep() {
    return fail(Code::picture_unfit,
                "a picture has 8 bits for each colour; make it so, such as with: magick FILE"
                " -strip -depth 8 NEW");
}

// ---- PNG (W3C, third edition): chunks with their lengths and kinds

constexpr std::array<std::uint8_t, 8> png_signature{0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
/// Without these, or but for these, nothing is drawn otherwise. What is left out holds text, times,
/// places, profiles or further pictures.
constexpr std::array<std::string_view, 7> png_plain{
    "PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "pHYs"};

Result<PictureShape> judge_png(BytesView picture) {
    codec::Reader reader(picture.subspan(png_signature.size()));
    std::optional<PictureShape> shape;
    bool drawn = false;
    while (true) {
        TRY(const auto length, reader.number<std::uint32_t>());
        TRY(const BytesView kind, reader.raw(4));
        TRY(const BytesView body, reader.raw(length));
        TRY([[maybe_unused]] const auto checksum, reader.number<std::uint32_t>());
        const std::string name = to_text(kind);
        if ((name == "IHDR") == shape.has_value()) return not_whole();
        if (name == "IHDR") {
            codec::Reader header(body);
            TRY(const auto width, header.number<std::uint32_t>());
            TRY(const auto height, header.number<std::uint32_t>());
            TRY(const auto depth, header.number<std::uint8_t>());
            if (body.size() != 13) return not_whole();
            if (depth > deepest) return too_deep();
            shape = PictureShape{PictureKind::Png, width, height};
        } else if (name == "IEND") {
            if (!drawn || !body.empty() || !reader.at_end()) return not_whole();
            return *shape;
        } else if (name == "IDAT") {
            drawn = true;
        } else if (!std::ranges::contains(png_plain, name)) {
            return says_more();
        }
    }
}

// ---- JPEG (ITU T.81, annex B): segments behind markers, and what is drawn between them

constexpr std::uint8_t baseline = 0xc0;
constexpr std::uint8_t progressive = 0xc2;
constexpr std::uint8_t huffman_tables = 0xc4;
constexpr std::uint8_t first_restart = 0xd0;
constexpr std::uint8_t last_restart = 0xd7;
constexpr std::uint8_t end_of_image = 0xd9;
constexpr std::uint8_t start_of_scan = 0xda;
constexpr std::uint8_t quantization_tables = 0xdb;
constexpr std::uint8_t restart_interval = 0xdd;
constexpr std::uint8_t jfif = 0xe0;
constexpr std::uint8_t adobe = 0xee;
constexpr std::uint8_t last_application = 0xef;
constexpr std::uint8_t comment = 0xfe;

Result<std::uint8_t> next_marker(codec::Reader& reader) {
    TRY(auto mark, reader.number<std::uint8_t>());
    if (mark != 0xff) return not_whole();
    while (mark == 0xff) {
        TRY(mark, reader.number<std::uint8_t>());
    }
    return mark;
}

/// JFIF without a small picture in it, and what Adobe says of colours: both of one length.
bool is_plain_application(std::uint8_t marker, BytesView body) {
    constexpr std::size_t jfif_size = 14;
    constexpr std::size_t adobe_size = 12;
    const auto begins = [body](std::string_view name) {
        return to_text(body.first(name.size())) == name;
    };
    if (marker == jfif && body.size() == jfif_size) {
        return begins(std::string_view("JFIF\0", 5)) && body[12] == 0 && body[13] == 0;
    }
    return marker == adobe && body.size() == adobe_size && begins("Adobe");
}

/// Behind what a scan has drawn, up to the next marker that is none of its own.
Result<void> pass_scan(codec::Reader& reader) {
    const BytesView rest = reader.rest();
    std::size_t at = 0;
    while (at + 1 < rest.size()) {
        const std::uint8_t after = rest[at + 1];
        const bool its_own = after == 0 || (after >= first_restart && after <= last_restart);
        if (rest[at] == 0xff && !its_own) break;
        ++at;
    }
    TRY([[maybe_unused]] const BytesView passed, reader.raw(at));
    return {};
}

Result<PictureShape> judge_jpeg(BytesView picture) {
    codec::Reader reader(picture.subspan(2));
    std::optional<PictureShape> shape;
    bool drawn = false;
    while (true) {
        TRY(const std::uint8_t marker, next_marker(reader));
        if (marker == end_of_image) {
            if (!shape || !drawn || !reader.at_end()) return not_whole();
            return *shape;
        }
        TRY(const auto length, reader.number<std::uint16_t>());
        if (length < 2) return not_whole();
        TRY(const BytesView body, reader.raw(std::size_t{length} - 2));
        const bool is_table =
            marker == huffman_tables || marker == quantization_tables || marker == restart_interval;
        if (marker >= baseline && marker <= progressive) {
            if (shape) return not_whole();
            codec::Reader frame(body);
            TRY(const auto precision, frame.number<std::uint8_t>());
            if (precision != deepest) return too_deep();
            TRY(const auto height, frame.number<std::uint16_t>());
            TRY(const auto width, frame.number<std::uint16_t>());
            shape = PictureShape{PictureKind::Jpeg, width, height};
        } else if (marker == start_of_scan) {
            if (!shape) return not_whole();
            drawn = true;
            TRY_VOID(pass_scan(reader));
        } else if ((marker >= jfif && marker <= last_application) || marker == comment) {
            if (!is_plain_application(marker, body)) return says_more();
        } else if (!is_table) {
            return not_whole();
        }
    }
}

// ---- WebP (RFC 9649): chunks with their kinds and lengths, all numbers little-endian

std::uint32_t little(BytesView bytes) {
    std::uint32_t value = 0;
    for (std::size_t at = bytes.size(); at > 0; --at)
        value = value << 8U | bytes[at - 1];
    return value;
}

constexpr std::uint32_t fourteen_bits = 0x3fff;

/// Of what is drawn with loss (section 2.5, RFC 6386) or without (section 3.4), or the canvas.
Result<PictureShape> webp_shape(std::string_view kind, BytesView body) {
    if (kind == "VP8 ") {
        const bool begins = body.size() >= 10 && (body[0] & 1U) == 0 && body[3] == 0x9d &&
                            body[4] == 0x01 && body[5] == 0x2a;
        if (!begins) return not_whole();
        return PictureShape{PictureKind::Webp,
                            little(body.subspan(6, 2)) & fourteen_bits,
                            little(body.subspan(8, 2)) & fourteen_bits};
    }
    if (kind == "VP8L") {
        if (body.size() < 5 || body[0] != 0x2f) return not_whole();
        const std::uint32_t bits = little(body.subspan(1, 4));
        return PictureShape{
            PictureKind::Webp, (bits & fourteen_bits) + 1, ((bits >> 14U) & fourteen_bits) + 1};
    }
    constexpr std::uint8_t alpha_alone = 0x10;
    if (body.size() != 10) return not_whole();
    if ((body[0] & ~alpha_alone) != 0) return says_more();
    return PictureShape{
        PictureKind::Webp, little(body.subspan(4, 3)) + 1, little(body.subspan(7, 3)) + 1};
}

Result<PictureShape> judge_webp(BytesView picture) {
    if (little(picture.subspan(4, 4)) != picture.size() - 8) return not_whole();
    codec::Reader reader(picture.subspan(12));
    std::optional<PictureShape> canvas;
    while (true) {
        TRY(const BytesView kind, reader.raw(4));
        TRY(const BytesView length, reader.raw(4));
        TRY(const BytesView body, reader.raw(little(length)));
        TRY([[maybe_unused]] const BytesView even, reader.raw(body.size() % 2));
        const std::string name = to_text(kind);
        if (name == "VP8X" && !canvas) {
            TRY(canvas, webp_shape(name, body));
        } else if (name == "VP8 " || name == "VP8L") {
            TRY(const PictureShape drawn, webp_shape(name, body));
            if (!reader.at_end()) return says_more();
            if (canvas && *canvas != drawn) return not_whole();
            return drawn;
        } else if (name != "ALPH" || !canvas) {
            return says_more();
        }
    }
}

bool is_webp(BytesView picture) {
    return picture.size() > 12 && to_text(picture.first(4)) == "RIFF" &&
           to_text(picture.subspan(8, 4)) == "WEBP";
}

/// By its first bytes, whatever it is called.
Result<PictureShape> judge_by_kind(BytesView picture) {
    if (picture.size() > 3 && picture[0] == 0xff && picture[1] == 0xd8 && picture[2] == 0xff) {
        return judge_jpeg(picture);
    }
    const std::size_t signed_by = png_signature.size();
    if (picture.size() > signed_by && std::ranges::equal(picture.first(signed_by), png_signature)) {
        return judge_png(picture);
    }
    if (is_webp(picture)) return judge_webp(picture);
    return not_whole();
}

}  // namespace

Result<PictureShape> judge_picture(BytesView picture) {
    if (picture.size() > longest_picture) {
        return fail(Code::picture_unfit,
                    "a picture has 8 KiB at most: make it smaller, such as with: magick FILE"
                    " -strip -resize 128x128 -quality 70 NEW.jpg");
    }
    const auto shape = judge_by_kind(picture);
    // That it ends too early, its reader says in words of its own.
    if (!shape && shape.error().code != Code::picture_unfit) return not_whole();
    if (!shape) return shape;
    const auto fits = [](std::uint32_t side) { return side >= 1 && side <= widest_picture; };
    if (!fits(shape->width) || !fits(shape->height)) {
        return fail(Code::picture_unfit, "a picture has 512 points on each side at most");
    }
    return shape;
}

std::string_view extension_of(PictureKind kind) {
    switch (kind) {
        case PictureKind::Jpeg:
            return ".jpg";
        case PictureKind::Png:
            return ".png";
        case PictureKind::Webp:
            return ".webp";
    }
    return {};
}

}  // namespace cercle::identity
