// A font of 5x7 dots, drawn for this plugin: ASCII from the space to the tilde.
#pragma once

namespace candela::plugin {

// Seven rows of a letter, the leftmost dot in bit 4. What the font has not is a box.
const unsigned char* glyph_of(unsigned int code);

// Dots that a letter stands lower than others: those with a tail, or a p would be a P.
constexpr int drop_of(unsigned int code) { return code == 'g' || code == 'p' || code == 'q' || code == 'y' ? 1 : 0; }

}  // namespace candela::plugin
