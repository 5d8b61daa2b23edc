/** ISO 3166-1 alpha-2: what a two-letter region may be. Facts of the standard; nothing else may live here. */

const ASSIGNED =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
  "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
  "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
  "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT " +
  "MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
  "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
  "UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/** Set aside by the standard for these uses without being countries: the European Union, and codes for private use. */
const RESERVED = /^(EU|AA|ZZ|Q[M-Z]|X[A-Z])$/;

const COUNTRIES: ReadonlySet<string> = new Set(ASSIGNED.split(" "));

/** True for an assigned country code and for what the standard sets aside for unions and private use. */
export function isCountryCode(code: string): boolean {
  return COUNTRIES.has(code) || RESERVED.test(code);
}

/** What people write for a country in place of its two letters, where cutting the word would name another one. */
const WRITTEN_FOR: Readonly<Record<string, string>> = {
  UK: "GB",
  CHN: "CN",
  ARE: "AE",
  UAE: "AE",
  KAZ: "KZ",
  PRY: "PY",
  IRN: "IR",
  SWE: "SE",
  UKR: "UA",
  AUT: "AT",
  IDN: "ID",
  MYS: "MY",
};

/** The code that somebody who wrote `USA`, `KAZ` or `UK` meant; undefined where that is not clear. */
export function meantCountry(word: string): string | undefined {
  const meant = WRITTEN_FOR[word] ?? word.slice(0, 2);
  return meant !== word && word.length <= 3 && isCountryCode(meant) ? meant : undefined;
}
