/** The chart library as it is copied beside the compiled page. */
export { default } from "uplot";
