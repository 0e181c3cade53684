export { parse } from "marked";
